// Goal: whoever trims and stops half-way leaves no chain whose tail has forgotten what its head
// keeps. Method: a layout in which one unit is second in a chain and tail of a later one, and a
// client that does not get further than that unit.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Testing

struct TrimTests {
  @Test("R20: a prefix trim that ends half-way has gone down every chain in its order")
  func halfAPrefixTrim() throws {
    try withNodes(units: 4, replicas: 2, stripes: 2) { cluster in
      let units = cluster.layout.units
      var next = cluster.layout
      next.epoch = Epoch(2)
      next.spans = [
        Span(begin: .zero, stripes: [Chain([units[0], units[1]]), Chain([units[2], units[3]])]),
        Span(begin: Position(4), stripes: [Chain([units[0]]), Chain([units[2], units[1]])]),
      ]
      await cluster.reconfigurer().install(next)
      let writer = cluster.client(1, layout: next)
      for number in 0..<8 { _ = try await writer.append([UInt8(number)]) }
      let way = cluster.wire { request, node in
        if case .trimPrefix = request, node == NodeID(3) { .isLost } else { .passes }
      }
      var limits = ClientLimits()
      limits.operationPatience = .milliseconds(500)
      let trimmer = cluster.client(2, layout: next, via: way, limits: limits)
      await #expect(throws: LogError.self) { try await trimmer.trimPrefix(before: Position(8)) }
      // Its head knows of no trim, so its tail must not say that there was one.
      for position in [5, 7] as [UInt64] {
        guard case .data(let entry) = try await writer.read(Position(position)) else {
          Issue.record("\(position) is gone, and the head of its chain keeps it")
          continue
        }
        #expect(entry.payload == [UInt8(position)])
      }
      // Who goes on with the trim ends it.
      try await writer.trimPrefix(before: Position(8))
      #expect(try await writer.read(.zero..<Position(8)).allSatisfy { $0 == .trimmed })
    }
  }
}
