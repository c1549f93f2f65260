// Goal: of layouts that several nodes remember, in any order and with gaps, people are told what
// each changed, which of them are known, and who told nothing. Method: layouts made up, and the
// exact rows.
import CorfuGlobalLog
import CorfuProtocol
@testable import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import Testing

/// A way to nodes of which one tells a layout, one refuses, and no other answers.
private struct FewAnswers: Transport {
  let layout: Layout

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    switch node.number {
    case 1: return .layouts([layout])
    case 2: return .refused(.tooLarge)
    default: throw .unreachable
    }
  }
}

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
    #expect(
      lines == [
        "layouts are known from epoch 4 on, but for those between epochs 4 and 7: no node tells "
          + "of the others"
      ]
    )
    #expect(rows.first == "4: 0: the oldest that is remembered")
    #expect(
      rows[1].hasPrefix("7: 9: since epoch 4: n2 declared lost by hand ('corfu cluster lost'): ")
    )
    #expect(rows[2] == "8: 9: the same again, as the epoch before was closed")
    #expect(try self.rows(LayoutHistory(of: [], declared: [])).rows == [])
  }

  @Test(
    arguments: [
      ([1, 2, 3], "all layouts are known since the log began"),
      ([4, 5], "layouts are known from epoch 4 on: no node tells of those before it"),
      (
        [1, 4, 5],
        "layouts are known since the log began, but for those between epochs 1 and 4: no node "
          + "tells of those"
      ),
      (
        [1, 2, 4, 5, 7, 9, 11, 13],
        "layouts are known since the log began, but for those between epochs 2 and 4, 5 and 7, "
          + "7 and 9, and of 2 more such gaps: no node tells of those"
      ),
    ] as [([UInt64], String)]
  )
  func gapsAreSaid(epochs: [UInt64], expected: String) throws {
    let told = epochs.map { Self.layout($0) }
    #expect(try rows(LayoutHistory(of: told, declared: [])).lines == [expected])
  }

  /// Epochs and generations of two layouts, and whether any was in force between them.
  @Test(
    arguments: [
      (5, 0, 1005, 1, false),
      // Somebody remembers one that was not known when the acceptors were appointed.
      (6, 0, 1005, 1, false), (4, 0, 1005, 1, true), (5, 0, 2005, 2, true), (5, 0, 1005, 0, true),
      (5, 0, 6, 0, false), (5, 1, 6, 1, false), (5, 1, 7, 1, true),
    ] as [(UInt64, UInt64, UInt64, UInt64, Bool)]
  )
  func aGenerationBeginsFarAbove(
    first: UInt64,
    generation: UInt64,
    second: UInt64,
    next: UInt64,
    isGap: Bool
  ) throws {
    var told = [Self.layout(first), Self.layout(second)]
    told[0].generation = generation
    told[1].generation = next
    let (lines, rows) = try rows(LayoutHistory(of: told, declared: []))
    let gap = "between epochs \(first) and \(second): "
    #expect(lines.first?.contains(gap) == isGap, "\(lines)")
    #expect(rows.last?.contains("since epoch \(first): ") == isGap, "\(rows)")
  }

  @Test func whoToldNothingIsSaid() async throws {
    let nodes = Set((1...4 as ClosedRange<UInt32>).map { NodeID($0) })
    let way = FewAnswers(layout: Self.layout(1))
    let told = await Discovery.layouts(of: nodes, via: way, patience: .seconds(1))
    #expect(told.layouts == [Self.layout(1)])
    let history = LayoutHistory(of: told.layouts, declared: [], untold: told.untold)
    #expect(
      try rows(history).lines == [
        "all layouts are known since the log began",
        "n2 told nothing: more was asked for at once than a message may hold",
        "n3, n4 told nothing: no answer came",
      ]
    )
  }

  /// A layout whose spans have the chains that are said, the last of them from position 9 on.
  private static func layout(
    _ epoch: UInt64,
    _ chains: [[UInt32]],
    spares: [UInt32] = []
  ) -> Layout {
    Layout(
      epoch: Epoch(epoch),
      firstTail: Position(epoch > 1 ? 9 : 0),
      spans: chains.enumerated().map { index, units in
        Span(begin: Position(index == 0 ? 0 : 9), stripes: [Chain(units.map { unit($0) })])
      },
      sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 0, low: 7)),
      acceptors: [unit(1)],
      spares: spares.map { unit($0) }
    )
  }

  @Test("The layouts that come of one wish are told as its steps, and others are not")
  func stepsOfAWishAreRecognisable() throws {
    let told = [
      Self.layout(1, [[1, 2]], spares: [3, 4]),
      // n2 is to be replaced.
      Self.layout(2, [[1, 2], [1, 3]], spares: [4]),
      Self.layout(3, [[1, 3]], spares: [4]),
      // A monitor that has not heard of its return undoes that once.
      Self.layout(4, [[1, 3]], spares: [4, 2]),
      Self.layout(5, [[1, 3]], spares: [4]),
      Self.layout(6, [[1, 3]], spares: [4, 2]),
      // n3 dies, n4 takes its place, and n2 stands by no more when n4 has died as well.
      Self.layout(7, [[1], [1, 4]], spares: [2]),
      Self.layout(8, [[1, 4]], spares: [2]),
      Self.layout(9, [[1], [1, 2]]),
    ]
    let rows = try rows(LayoutHistory(of: told, declared: [])).rows
    #expect(
      rows.map { $0.split(separator: ": ").dropFirst(2).joined(separator: ": ") } == [
        "the log begins",
        "n2 hands over, step 1: stripe 0 is n1 -> n3 from 9 on",
        "n2 hands over, step 2: without n2; n3 has a copy of what is before 9, too",
        "n2 hands over, step 3: n2 stands by",
        "n2 hands over, step 4: n2 no longer stands by",
        "n2 hands over, step 5: n2 stands by",
        "without n3; stripe 0 is n1 -> n4 from 9 on",
        "n4 has a copy of what is before 9, too",
        "without n4; stripe 0 is n1 -> n2 from 9 on",
      ],
      "\(rows)"
    )
  }

  @Test func wishesAtOnceAreToldApart() {
    let steps = HandoverSteps(in: [
      Self.layout(1, [[1, 2]], spares: [3, 4]), Self.layout(2, [[1, 2], [3, 4]]),
      Self.layout(3, [[2, 4], [3, 4]]), Self.layout(4, [[3, 4]], spares: [1]),
      Self.layout(5, [[3, 4]], spares: [1, 2]), Self.layout(6, [[3, 4]], spares: [1, 2]),
    ]).steps
    let (one, two) = (NodeID(1), NodeID(2))
    let expected: [[HandoverSteps.Step]] = [
      [], [.init(node: one, number: 1), .init(node: two, number: 1)],
      [.init(node: one, number: 2), .init(node: two, number: 2)],
      [.init(node: one, number: 3), .init(node: two, number: 3)],
      [.init(node: two, number: 4)], [],
    ]
    #expect(steps == expected)
  }

  @Test("A node that was removed, and is added again much later, hands over nothing then")
  func aNodeThatComesAgainMuchLater() {
    let steps = HandoverSteps(in: [
      Self.layout(1, [[1, 2]], spares: [3]), Self.layout(2, [[1, 2], [1, 3]]),
      Self.layout(3, [[1, 3]]), Self.layout(4, [[1, 3]]), Self.layout(5, [[1, 3]], spares: [2]),
    ]).steps
    #expect(steps.map(\.count) == [0, 1, 1, 0, 0])
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
