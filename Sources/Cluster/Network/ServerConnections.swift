internal import CorfuProtocol
internal import NIOCore
internal import Synchronization

/// A connection of a server, from outside.
struct ServerLine: Sendable {
  let channel: any Channel
  let load: ConnectionLoad
}

/// The connections of a server.
final class ServerConnections: Sendable {
  private let connectionsMax: Int
  private let strangersMax: Int
  private let state = Mutex(State())
  /// How many bytes there are of frames that have not all come, or wait for their turn.
  let partialBytes = Atomic<Int>(0)
  /// What requests that are worked on, and answers that were not taken, make the server hold.
  let held: HeldBytes

  private struct State {
    var greeted: Set<ObjectIdentifier> = []
    var open: [ObjectIdentifier: ServerLine] = [:]
    var isDraining = false
  }

  init(_ limits: NetworkLimits) {
    connectionsMax = limits.connectionsMax
    strangersMax = limits.strangersMax
    held = HeldBytes(max: limits.heldBytesMax)
  }

  /// Notes a connection.
  ///
  /// - Returns: Why it is not even to greet; `nil` if it is.
  func add(_ channel: any Channel, _ load: ConnectionLoad) -> Rejection? {
    state.withLock { state in
      if state.isDraining { return .ending }
      if state.open.count >= connectionsMax + strangersMax { return .tooManyConnections }
      state.open[ObjectIdentifier(channel)] = ServerLine(channel: channel, load: load)
      held.share(among: state.open.count)
      return nil
    }
  }

  func remove(_ id: ObjectIdentifier) {
    state.withLock { state in
      state.open[id] = nil
      state.greeted.remove(id)
      held.share(among: state.open.count)
    }
  }

  /// Why one more is not served; `nil` if it is.
  func admit(_ id: ObjectIdentifier) -> Rejection? {
    state.withLock { state in
      if state.isDraining { return .ending }
      if state.greeted.count >= connectionsMax { return .tooManyConnections }
      state.greeted.insert(id)
      return nil
    }
  }

  /// How many there are.
  var count: Int { state.withLock { $0.greeted.count } }

  /// How many bytes came that were not taken.
  var untakenBytes: Int { partialBytes.load(ordering: .relaxed) }

  /// How many there are, of which some have not greeted yet.
  var openCount: Int { state.withLock { $0.open.count } }

  /// Has each looked after, where there is anything to look after.
  func tick() {
    for line in state.withLock({ Array($0.open.values) }) { line.load.tick() }
  }

  /// How many requests of theirs are worked on.
  var requestCount: Int { state.withLock { $0.open.values.reduce(0) { $0 + $1.load.count } } }

  /// Takes no more.
  ///
  /// - Returns: Those that there are.
  func drain() -> [ServerLine] {
    state.withLock { state in
      state.isDraining = true
      return Array(state.open.values)
    }
  }
}
