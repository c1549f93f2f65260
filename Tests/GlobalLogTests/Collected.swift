import CorfuGlobalLog
import Synchronization

/// Events that a test listens to.
final class Collected: Sendable {
  private let events = Mutex<[StoreEvent]>([])
  var value: [StoreEvent] { events.withLock { $0 } }
  func append(_ event: StoreEvent) { events.withLock { $0.append(event) } }
}
