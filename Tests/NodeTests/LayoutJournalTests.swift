// Goal: what a node remembers is in order, one of each epoch, and never more than it can tell.
// Method: layouts made up, added in several orders.
import CorfuGlobalLog
@testable import CorfuNode
import CorfuSequencer
import CorfuStripeMirror
import Testing

@Suite struct LayoutJournalTests {
  private func layout(_ epoch: UInt64, generation: UInt64 = 0, spans: UInt64 = 1) -> Layout {
    let unit = UnitName(node: NodeID(1), incarnation: Incarnation(high: 0, low: 1))
    return Layout(
      epoch: Epoch(epoch),
      generation: generation,
      firstTail: Position(spans),
      spans: (0..<spans).map { Span(begin: Position($0), stripes: [Chain([unit])]) },
      sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 0, low: 7)),
      acceptors: [unit]
    )
  }

  private func epochs(_ journal: LayoutJournal) -> [UInt64] {
    journal.layouts.map(\.epoch.number)
  }

  @Test(arguments: [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 1, 3, 2, 3]] as [[UInt64]])
  func theyAreInOrder(added: [UInt64]) {
    var journal = LayoutJournal()
    for epoch in added { journal.add(layout(epoch)) }
    #expect(epochs(journal) == [1, 2, 3])
  }

  @Test func whatWasDecidedByHandCounts() {
    var journal = LayoutJournal()
    journal.add(layout(4))
    journal.add(layout(4, generation: 1))
    journal.add(layout(4))
    #expect(journal.layouts == [layout(4, generation: 1)])
  }

  @Test func theOldestAreForgotten() {
    var journal = LayoutJournal(countMax: 4)
    for epoch in UInt64(1)...9 { journal.add(layout(epoch)) }
    #expect(epochs(journal) == [6, 7, 8, 9])
    // Older than all that are remembered: forgotten at once.
    journal.add(layout(3))
    #expect(epochs(journal) == [6, 7, 8, 9])
  }

  @Test func asManyAreToldAsFit() {
    var journal = LayoutJournal()
    #expect(journal.newest(bytesMax: 100) == [])
    for epoch in UInt64(1)...4 { journal.add(layout(epoch)) }
    let size = layout(1).encoded().count
    for (bytesMax, expected) in [
      (4 * size, [1, 2, 3, 4]), (4 * size - 1, [2, 3, 4]), (2 * size, [3, 4]), (size, [4]),
      // Whoever cannot be told it is to be told that.
      (size - 1, [4]), (0, [4]),
    ] as [(Int, [UInt64])] {
      #expect(journal.newest(bytesMax: bytesMax).map(\.epoch.number) == expected, "\(bytesMax)")
    }
    #expect(epochs(journal) == [1, 2, 3, 4])
  }

  @Test func theNewestStaysHoweverLargeItIs() {
    let large = layout(2, spans: 100)
    var journal = LayoutJournal(bytesMax: large.encoded().count - 1)
    journal.add(layout(1))
    journal.add(large)
    #expect(epochs(journal) == [2])
    journal.add(layout(3))
    #expect(epochs(journal) == [3])
  }
}
