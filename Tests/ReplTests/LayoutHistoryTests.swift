// Goal: of layouts that several nodes remember, in any order and with gaps, people are told what
// each changed, and from which epoch on they are known. Method: layouts made up, and the exact
// rows.
import CorfuGlobalLog
@testable import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import Testing

@Suite struct LayoutHistoryTests {
  private static func unit(_ number: UInt32) -> UnitName {
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: UInt64(number)))
  }

  /// A layout of two units, of which the second is as said, from a position on.
  private static func layout(
    _ epoch: UInt64,
    second: UInt32 = 2,
    from begin: UInt64 = 0
  ) -> Layout {
    var spans = [Span(begin: .zero, stripes: [Chain([unit(1), unit(2)])])]
    if begin > 0 {
      spans = [
        Span(begin: .zero, stripes: [Chain([unit(1)])]),
        Span(begin: Position(begin), stripes: [Chain([unit(1), unit(second)])]),
      ]
    }
    return Layout(
      epoch: Epoch(epoch),
      firstTail: Position(begin),
      spans: spans,
      sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 0, low: 7)),
      acceptors: [unit(1)],
      spares: begin > 0 ? [] : [unit(3)]
    )
  }

  private func rows(_ history: LayoutHistory) throws -> (lines: [String], rows: [String]) {
    guard case .screen(let lines, let table) = history.answer else {
      Issue.record("something else than a screen")
      return ([], [])
    }
    let rows = table.rows.map { row in
      "\(row.name): " + row.facts.map(\.value.shown).joined(separator: ": ")
    }
    return (lines, rows)
  }

  @Test func eachIsToldOnceInOrder() throws {
    let (first, second) = (Self.layout(1), Self.layout(2, second: 3, from: 9))
    let history = LayoutHistory(of: [second, first, second, first], declared: [])
    let (lines, rows) = try rows(history)
    #expect(lines == ["all layouts are known since the log began"])
    #expect(
      rows == [
        "1: 0: the log begins", "2: 9: without n2; stripe 0 is n1 -> n3 from 9 on",
      ]
    )
  }

  @Test func whatNobodyRemembersIsSaid() throws {
    let told = [Self.layout(4)] + ([7, 8] as [UInt64]).map { Self.layout($0, second: 3, from: 9) }
    let (lines, rows) = try rows(LayoutHistory(of: told, declared: [Self.unit(2)]))
    #expect(lines == ["layouts are known from epoch 4 on: no node remembers those before it"])
    #expect(rows.first == "4: 0: the oldest that is remembered")
    #expect(
      rows[1].hasPrefix("7: 9: since epoch 4: n2 declared lost by hand ('corfu cluster lost'): ")
    )
    #expect(rows[2] == "8: 9: the same again, as the epoch before was closed")
    #expect(try self.rows(LayoutHistory(of: [], declared: [])).rows == [])
  }

  @Test func theLastOnesCanBeChosen() {
    let told = (1...5 as ClosedRange<UInt64>).map { Self.layout($0) }
    let answer = LayoutHistory(of: told, declared: []).answer
    guard case .screen(_, let table) = answer.keeping(last: 2) else {
      Issue.record("something else than a screen")
      return
    }
    #expect(table.rows.map(\.name) == ["4", "5"])
  }
}
