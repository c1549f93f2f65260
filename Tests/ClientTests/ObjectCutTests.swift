import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror
import CorfuTransactions
import Testing

// Goal: two processes never have two states of one object, though the log was cut under one of them
// (R24). Method: the only chain is lost with its sequencer, and given up; one process has played
// what they had, and another begins behind that.

private typealias Stock = MapState<Int>

@Test("R24: an object that was played behind a cut is opened again, and is then what others have")
func objectsBehindACut() throws {
  try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
    let first = Runtime(over: cluster.client(1))
    let mine = try await first.object("stock", of: Stock.self)
    for number in 0..<3 { try await mine.update(.put("a", number)) }
    #expect(try await mine.read { $0["a"] } == 2)
    cluster.kill(1)
    cluster.kill(101)
    var order = cluster.order(shunning: [101])
    order.goal.lost = Set(cluster.layout.units)
    let next = try await cluster.reconfigurer().run(order)
    let second = Runtime(over: cluster.client(2, layout: next))
    let theirs = try await second.object("stock", of: Stock.self)
    // The log becomes longer than it was.
    for number in 10..<20 { try await theirs.update(.put("b", number)) }
    await #expect(throws: ObjectError.log(.cut(.zero))) { _ = try await mine.read { $0["a"] } }
    let again = try await first.object("stock", of: Stock.self)
    for stock in [again, theirs] {
      #expect(try await stock.read { $0["a"] } == nil)
      #expect(try await stock.read { $0["b"] } == 19)
    }
  }
}
