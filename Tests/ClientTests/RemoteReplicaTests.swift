import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization
import Testing

// Goal: a write reaches a node that takes less at once than others, and what is only half written
// is never told to be unwritten. Method: a node that takes so many values at once, and is gone
// after so many requests.

private final class SmallNode: Transport {
  private let valuesMax: Int
  private let requestsMax: Int
  private let taken = Mutex<[[Position]]>([])

  /// What was taken, request by request.
  var requests: [[Position]] { taken.withLock { $0 } }

  init(valuesMax: Int, requestsMax: Int = .max) {
    self.valuesMax = valuesMax
    self.requestsMax = requestsMax
  }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    guard case .write(let write) = request else { throw .timedOut }
    if write.values.count > valuesMax { return .refused(.tooLarge) }
    let isThere = taken.withLock { taken in
      if taken.count == requestsMax { return false }
      taken.append(write.values.map(\.position))
      return true
    }
    guard isThere else { throw .unreachable }
    return .written(write.values.map { _ in .written })
  }
}

struct RemoteReplicaTests {
  private func write(_ count: UInt64, to node: SmallNode) async throws -> Int {
    let replica = RemoteReplica(
      UnitName(node: NodeID(1), incarnation: Incarnation(high: 1, low: 1)),
      layout: LayoutID(epoch: Epoch(1), hash: 1),
      network: node,
      patience: .seconds(1)
    )
    let values = (0..<count).map { PlacedValue(.junk, at: Position($0)) }
    return try await replica.write(values).count
  }

  @Test func aNodeThatTakesLessAtOnceGetsAllOfIt() async throws {
    for valuesMax in 1...7 {
      let node = SmallNode(valuesMax: valuesMax)
      #expect(try await write(7, to: node) == 7)
      #expect(node.requests.allSatisfy { $0.count <= valuesMax })
      #expect(node.requests.flatMap(\.self) == (0..<7).map { Position($0) })
    }
  }

  @Test func whatIsHalfWrittenIsNotToldToBeUnwritten() async throws {
    for requests in 0...6 {
      let node = SmallNode(valuesMax: 1, requestsMax: requests)
      let name = UnitName(node: NodeID(1), incarnation: Incarnation(high: 1, low: 1))
      let error: ReplicaError = requests == 0 ? .unreachable(name) : .timedOut(name)
      await #expect(throws: error) { try await write(7, to: node) }
    }
  }
}
