import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
public import CorfuWriteOnce
import Synchronization

/// The checks of exercise 5.3: any ``AppendResolving``, in all that can have become of an append.
public struct AppendResolvingChecks<Resolver: AppendResolving>: Sendable {
  /// Checks for a resolver.
  public init() {}

  private typealias Promise = Invariant.Chapter5

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "5.3.1",
        [.completed, .onHead, .nowhere],
        often: "Fill the position; if your own entry comes back it stands, if junk does it is gone."
      ),
      check(
        "5.3.2",
        [.twin, .rival],
        often: "Compare the whole value. Two clients may write the same bytes: the mark, client "
          + "and number, tells whose entry it is."
      ),
      check(
        "5.3.3",
        [.trimmed, .trimmedAfterHead, .silence],
        often: "What was trimmed may have been yours, unless you saw it on the head, where it won. "
          + "Who does not know says so: writing again could make two of it."
      ),
      check(
        "5.3.4",
        [.neverWas, .completed, .nowhere, .diedWithHead],
        changesEpochs: true,
        often: "Behind the first tail of a layout that is newer than the token, positions are "
          + "handed out anew: no fill there, and the entry is gone, whatever the head had. In the "
          + "token's own layout every position is behind it."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ cases: [AppendCase.Kind],
    changesEpochs: Bool = false,
    often: String
  ) -> Check {
    Check(id, Promise.onceOnly, often: often) { seed throws(CheckFailure) in
      var random = SeededGenerator(seed: seed)
      let kind = cases[Int(seed % UInt64(cases.count))]
      return try AppendCase(kind, changesEpochs: changesEpochs, using: &random).run(Resolver())
    }
  }
}

/// Something that can have become of an append, and a client that finds it.
struct AppendCase: Sendable {
  enum Kind: Sendable {
    /// It stands on every replica; only the answer was lost.
    case completed
    /// It got as far as the head.
    case onHead
    /// It never arrived.
    case nowhere
    /// Another client has written the same bytes there.
    case twin
    /// Another client's entry stands there.
    case rival
    /// The position was trimmed.
    case trimmed
    /// The position was trimmed, after the head had the entry.
    case trimmedAfterHead
    /// Nobody answers.
    case silence
    /// Its epoch was closed before it arrived, and the next one begins at its position or before.
    case neverWas
    /// The same, though the head had it: nobody who goes on does.
    case diedWithHead
  }

  private let kind: Kind
  private let value: PlacedValue
  private let epoch: Epoch
  private let layouts: [Layout]

  init(_ kind: Kind, changesEpochs: Bool, using random: inout SeededGenerator) {
    self.kind = kind
    epoch = Epoch(UInt64(random.number(in: 1...9)))
    let position = Position(UInt64(random.number(in: 20...90)))
    let mark = EntryMark(
      client: ClientID(high: 0, low: 1),
      sequence: UInt64(random.number(in: 1...9))
    )
    value = PlacedValue(.data(Entry(mark: mark, payload: Array("hello".utf8))), at: position)
    var layout = Self.layout(epoch, firstTail: Position(UInt64(random.number(below: 20))))
    var layouts = [layout]
    let isHandedOutAnew = kind == .neverWas || kind == .diedWithHead
    if changesEpochs || isHandedOutAnew {
      // Where it stands, the next reign begins behind it; where it never was, at it or before it.
      let first =
        isHandedOutAnew
        ? Position(position.number - UInt64(random.number(below: 5)))
        : Position(position.number + UInt64(random.number(in: 1...5)))
      for _ in 0...random.number(below: 2) {
        layout = layout.next(sequencer: layout.sequencer, firstTail: first)
        layouts.append(layout)
      }
    }
    self.layouts = layouts
  }

  private static func layout(_ epoch: Epoch, firstTail: Position) -> Layout {
    let unit = UnitName(node: NodeID(1), incarnation: Incarnation(high: 0, low: 1))
    return Layout(
      epoch: epoch,
      firstTail: firstTail,
      spans: [Span(begin: .zero, stripes: [Chain([unit])])],
      sequencer: SequencerName(node: NodeID(2), boot: BootID(high: 0, low: 1)),
      acceptors: [unit]
    )
  }

  /// What the chain says after a fill.
  private var slot: Slot {
    switch kind {
    case .completed, .onHead: value.value
    case .nowhere, .neverWas, .diedWithHead, .silence: .junk
    case .twin: .data(Entry(mark: Self.rival, payload: Array("hello".utf8)))
    case .rival: .data(Entry(mark: Self.rival, payload: Array("other".utf8)))
    case .trimmed, .trimmedAfterHead: .trimmed
    }
  }

  private static let rival = EntryMark(client: ClientID(high: 0, low: 2), sequence: 1)

  private var expected: AppendFate {
    switch kind {
    case .completed, .onHead, .trimmedAfterHead: .stands
    case .nowhere, .twin, .rival, .neverWas, .diedWithHead: .gone
    case .trimmed, .silence: .unknown
    }
  }

  func run(_ resolver: some AppendResolving) throws(CheckFailure) -> CheckTrace {
    let world = World(seed: 1, eventsMax: 100)
    let client = ScriptedFilling(
      world: world,
      layouts: layouts,
      token: epoch,
      slot: kind == .silence ? nil : slot
    )
    let stoodOnHead = kind == .trimmedAfterHead || kind == .diedWithHead
    world.note(
      "c1 -> head   write \(value.value.owner) at \(value.position), epoch \(epoch)  "
        + (stoodOnHead ? "<- written; the tail says: trimmed" : "<- no answer")
    )
    let fate: AppendFate
    do {
      fate = try world.run {
        await resolver.resolve(value, of: epoch, stoodOnHead: stoodOnHead, by: client)
      }
    } catch {
      throw CheckFailure(world: error)
    }
    world.note("c1 says: \(fate)")
    let trace = CheckTrace(world)
    if let finding = client.finding { throw CheckFailure(finding, events: trace.events) }
    if fate != expected {
      throw CheckFailure(finding(about: fate, client.wasAsked), events: trace.events)
    }
    return trace
  }

  private func finding(about fate: AppendFate, _ wasAsked: Bool) -> String {
    let place = value.position
    if !wasAsked { return "nobody was asked what stands at \(place): '\(fate)' is a guess" }
    switch (fate, kind) {
    case (.stands, _):
      return "c1 takes its append for done, and at \(place) stands \(slot.owner)"
    case (.gone, .completed), (.gone, .onHead):
      return "c1 will append it again, and it stands at \(place): it would be in the log twice"
    case (.gone, _):
      return "c1 will append it again, and it may have stood at \(place) already"
    case (.unknown, _):
      return "c1 gives up, though it is known what became of its entry: \(expected)"
    }
  }
}

/// A client's fills, from a script.
private final class ScriptedFilling: HoleFilling {
  private struct State {
    var wasAsked = false
    var finding: String?
  }

  private let world: World
  private let layouts: [Layout]
  private let token: Epoch
  private let slot: Slot?
  private let state = Mutex(State())

  init(world: World, layouts: [Layout], token: Epoch, slot: Slot?) {
    self.world = world
    self.layouts = layouts
    self.token = token
    self.slot = slot
  }

  var finding: String? { state.withLock { $0.finding } }
  var wasAsked: Bool { state.withLock { $0.wasAsked } }

  func fill(
    _ position: Position,
    unless isFutile: @escaping @Sendable (Layout) -> Bool
  ) async throws(LogError) -> Slot? {
    state.withLock { $0.wasAsked = true }
    for (index, layout) in layouts.enumerated() {
      let story = "epoch \(layout.epoch) (from \(layout.firstTail) on)"
      if isFutile(layout) {
        world.note("c1 in \(story): a fill of \(position) would be futile")
        return nil
      }
      if layout.epoch > token, position >= layout.firstTail {
        state.withLock { state in
          state.finding =
            "\(position) was filled in epoch \(layout.epoch), where it is handed out anew: "
            + "somebody else's append is spoiled"
        }
      }
      if index < layouts.count - 1 {
        world.note("c1 -> head   fill \(position), \(story)  <- the epoch is sealed")
        continue
      }
      guard let slot else {
        world.note("c1 -> head   fill \(position), \(story)  <- no answer, again and again")
        throw .unavailable("n1 did not answer in time")
      }
      world.note("c1 -> head   fill \(position), \(story)  <- \(slot.owner)")
      return slot
    }
    return nil
  }
}
