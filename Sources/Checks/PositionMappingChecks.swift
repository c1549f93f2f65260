public import CorfuStripeMirror
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation

/// The checks of exercise 3.1: any ``PositionMapping``, on layouts that a seed draws.
public struct PositionMappingChecks<Mapping: PositionMapping>: Sendable {
  /// Checks for a mapping.
  public init() {}

  private typealias Promise = Invariant.Chapter3

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "3.1.1",
        Promise.span,
        often: "The span is looked for from the wrong end, or its last position is taken for the "
          + "first of the next. 'Layout.span(of:)' knows."
      ) { seed throws(CheckFailure) in
        var story = MappingStory<Mapping>(seed)
        return try story.judgeSpans()
      },
      Check(
        "3.1.2",
        Promise.turns,
        often: "All positions of a span go to one chain, or chance decides. Neighbours should take "
          + "turns: the rest of a division does it."
      ) { seed throws(CheckFailure) in
        var story = MappingStory<Mapping>(seed)
        return try story.judgeTurns()
      },
      Check(
        "3.1.3",
        Promise.absolute,
        often: "The turn is counted from the span's beginning. Count it from position 0 of the "
          + "log, "
          + "and a span can be cut anywhere."
      ) { seed throws(CheckFailure) in
        var story = MappingStory<Mapping>(seed)
        return try story.judgeCuts()
      },
    ]
  }
}

/// A layout and some questions to a mapping.
private struct MappingStory<Mapping: PositionMapping> {
  private let layout: Layout
  private var random: SeededGenerator
  private var events: [String] = []
  private let mapping = Mapping()

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    var layout = Self.layout([])
    layout.spans = []
    var begin: UInt64 = 0
    for _ in 0..<random.number(in: 1...4) {
      // Every span has units of its own, so that a chain tells which span it is of.
      let first = UInt32(layout.spans.flatMap(\.stripes).flatMap(\.replicas).count)
      let count = random.number(in: 1...5)
      let stripes = (0..<count).map { Self.chain(first + 2 * UInt32($0) + 1) }
      layout.spans.append(Span(begin: Position(begin), stripes: stripes))
      begin += UInt64(random.number(in: 1...30))
    }
    self.layout = layout
    for span in layout.spans { events.append(span.told) }
  }

  private static func chain(_ first: UInt32) -> Chain {
    Chain(
      [first, first + 1].map {
        UnitName(node: NodeID($0), incarnation: Incarnation(high: 0, low: UInt64($0)))
      }
    )
  }

  private static func layout(_ spans: [Span]) -> Layout {
    Layout(
      epoch: Epoch(1),
      spans: spans,
      sequencer: SequencerName(node: NodeID(0), boot: BootID(high: 0, low: 0)),
      acceptors: []
    )
  }

  /// The end of what is asked about: some way into the last span.
  private var end: Position {
    (layout.spans.last?.begin ?? .zero).advanced(by: 40)
  }

  private var trace: CheckTrace {
    var hash: UInt64 = 0
    for event in events {
      for byte in event.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }
    return CheckTrace(events: events, fingerprint: hash)
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  mutating func judgeSpans() throws(CheckFailure) -> CheckTrace {
    for position in Position.zero..<end {
      let chain = mapping.chain(of: position, in: layout)
      // Found by a search that is too simple to be wrong.
      let span = layout.spans.last { $0.begin <= position }
      guard let span, span.stripes.contains(chain) else {
        events.append("chain(of: \(position))  <- \(chain)")
        let stripes = span?.stripes.map(\.description).joined(separator: ", ") ?? ""
        throw failure("\(position) belongs to the span with \(stripes)")
      }
    }
    return trace
  }

  mutating func judgeTurns() throws(CheckFailure) -> CheckTrace {
    for (index, span) in layout.spans.enumerated() where span.stripes.count > 1 {
      let next = index + 1 < layout.spans.count ? layout.spans[index + 1].begin : end
      let count = span.stripes.count
      var position = span.begin
      while position.advanced(by: count) <= next {
        let turn = (position..<position.advanced(by: count)).map {
          mapping.chain(of: $0, in: layout)
        }
        guard Set(turn).count == count else {
          events.append(
            "positions \(position)..<\(position.advanced(by: count))  <- "
              + turn.map(\.description).joined(separator: ", ")
          )
          throw failure(
            "of \(count) positions side by side each should stand on another of the \(count) chains"
          )
        }
        position = position.advanced(by: 1)
      }
    }
    return trace
  }

  mutating func judgeCuts() throws(CheckFailure) -> CheckTrace {
    for _ in 0..<4 {
      let place = Position(UInt64(random.number(in: 1...max(1, Int(end.number) - 1))))
      guard !layout.spans.contains(where: { $0.begin == place }) else { continue }
      var cut = layout
      cut.spans.append(Span(begin: place, stripes: layout.span(of: place).stripes))
      cut.spans.sort { $0.begin < $1.begin }
      events.append("its span is cut in two at \(place), with the same chains on both sides")
      for position in Position.zero..<end {
        let before = mapping.chain(of: position, in: layout)
        let after = mapping.chain(of: position, in: cut)
        guard before != after else { continue }
        throw failure(
          "\(position) was written to \(before), and is looked for on \(after) after the cut"
        )
      }
    }
    return trace
  }
}

extension Span {
  /// For stories.
  fileprivate var told: String {
    "from \(begin): " + stripes.map(\.description).joined(separator: ", ")
  }
}
