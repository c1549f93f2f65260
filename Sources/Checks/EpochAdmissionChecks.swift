import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
public import CorfuWriteOnce

/// The checks of exercise 5.1: any ``EpochAdmission``, through the life of a server.
public struct EpochAdmissionChecks<Gate: EpochAdmission>: Sendable {
  /// Checks for a gate.
  public init() {}

  private typealias Promise = Invariant.Chapter5

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "5.1.1",
        Promise.admission,
        [.serves],
        often: "Closed epochs come first. Above them there is one layout in force: a newer one has "
          + "not arrived here yet, and one of the same epoch with another hash is a mistake."
      ),
      check(
        "5.1.2",
        Promise.sealed,
        [.seals],
        often: "A seal may come twice, and late: the mark rises or stays, and never falls."
      ),
      check(
        "5.1.3",
        Promise.installed,
        [.installs],
        often: "Whoever installs epoch e has closed e - 1: the gate seals it as well. A layout "
          + "older than the one in force changes nothing, and is no error."
      ),
      check(
        "5.1.4",
        Promise.admission,
        [.serves, .seals, .installs],
        restarts: true,
        often: "If 5.1.1 to 5.1.3 pass, it is the start from the disk: what was read there is the "
          + "gate's whole memory, both marks as given. If not, begin with those."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ judged: Set<GateLife.Side>,
    restarts: Bool = false,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var life = GateLife(seed: seed, restarts: restarts)
      return try life.run(Gate(), judging: judged)
    }
  }
}

/// A server's life: what it hears of epochs, and what it should make of that.
struct GateLife {
  /// What is looked at.
  enum Side {
    case serves, seals, installs
  }

  private var random: SeededGenerator
  private let restarts: Bool
  private var sealed = Epoch.zero
  private var sealedByHand = Epoch.zero
  private var installed: LayoutID?
  private var events: [String] = []

  init(seed: UInt64, restarts: Bool) {
    random = SeededGenerator(seed: seed)
    self.restarts = restarts
  }

  mutating func run<Gate: EpochAdmission>(
    _ gate: Gate,
    judging judged: Set<Side>
  ) throws(CheckFailure) -> CheckTrace {
    var gate = gate
    for _ in 0..<40 {
      switch random.number(below: restarts ? 10 : 9) {
      case 0, 1: try seal(&gate, judged)
      case 2, 3, 4: try install(&gate, judged)
      case 9:
        gate = Gate(sealed: gate.sealed, installed: gate.installed)
        events.append("---- the server is killed, and starts again from its disk ----")
        try compare(gate, judged)
      default: try ask(gate, judged)
      }
    }
    return CheckTrace(events: events)
  }

  /// A layout near those that are known; in an epoch there are sometimes two.
  private mutating func layout() -> LayoutID {
    let near = max(sealed.number, installed?.epoch.number ?? 0)
    let low = near > 2 ? near - 2 : 1
    let epoch = low + UInt64(random.number(below: 5))
    return LayoutID(epoch: Epoch(epoch), hash: random.chance(0.15) ? 2 : 1)
  }

  private mutating func seal(
    _ gate: inout some EpochAdmission,
    _ judged: Set<Side>
  ) throws(CheckFailure) {
    let epoch = layout().epoch
    events.append("seal epoch \(epoch)")
    gate.seal(epoch)
    sealed = max(sealed, epoch)
    sealedByHand = max(sealedByHand, epoch)
    try compare(gate, judged)
  }

  private mutating func install(
    _ gate: inout some EpochAdmission,
    _ judged: Set<Side>
  ) throws(CheckFailure) {
    let next = layout()
    let answer = gate.install(next)
    events.append("install \(told(next))  <- \(answer.map(\.description) ?? "done")")
    var expected: EpochRefusal?
    if let installed, next.epoch <= installed.epoch {
      if next.epoch == installed.epoch, next != installed { expected = .otherLayout(installed) }
    } else {
      installed = next
      sealed = max(sealed, Epoch(next.epoch.number - 1))
    }
    if judged.contains(.installs), answer != expected {
      throw failure(finding(answer, installing: next, expected))
    }
    try compare(gate, judged)
  }

  /// What is wrong with an answer; `installed` is what is in force afterwards.
  private func finding(
    _ answer: EpochRefusal?,
    installing next: LayoutID,
    _ expected: EpochRefusal?
  ) -> String {
    guard let answer else { return "the gate says 'done', though it is a mistake" }
    if expected != nil { return "the gate says '\(answer)', which is not what is wrong with it" }
    return next == installed
      ? "it was refused ('\(answer)'), though it is in force from now on"
      : "it was refused ('\(answer)'), though an older layout merely changes nothing"
  }

  private mutating func ask(
    _ gate: some EpochAdmission,
    _ judged: Set<Side>
  ) throws(CheckFailure) {
    let layout = layout()
    let answer = gate.refusal(of: layout)
    events.append("a request in \(told(layout))  <- \(answer.map(\.description) ?? "served")")
    guard judged.contains(.serves) else { return }
    let expected = expectedRefusal(of: layout, by: gate)
    if answer == expected { return }
    let isBehind = gate.installed.map { layout.epoch < $0.epoch } ?? false
    // Above the seal, and below the layout in force: an installation has left it open, of which
    // another check tells. To serve it is wrong all the same.
    if answer != nil, isBehind, layout.epoch > gate.sealed { return }
    switch (answer, expected) {
    case (nil, .otherLayout(let newer)?) where isBehind:
      throw failure("it was served, though \(newer) is in force here")
    case (nil, let refusal?): throw failure("it was served, though \(refusal)")
    case (let refusal?, nil):
      throw failure("it was refused (\(refusal)), though its layout is in force here")
    default:
      throw failure(
        "it was refused with '\(answer.map(\.description) ?? "")' instead of "
          + "'\(expected.map(\.description) ?? "")': who asks would do the wrong thing next"
      )
    }
  }

  /// What follows from the gate's own marks; whether those are right is another question.
  private func expectedRefusal(
    of layout: LayoutID,
    by gate: some EpochAdmission
  ) -> EpochRefusal? {
    if layout.epoch <= gate.sealed { return .sealed(gate.sealed, newest: nil) }
    guard let installed = gate.installed, layout.epoch <= installed.epoch else {
      return .behind(installed: gate.installed)
    }
    return layout == installed ? nil : .otherLayout(installed)
  }

  private func compare(
    _ gate: some EpochAdmission,
    _ judged: Set<Side>
  ) throws(CheckFailure) {
    if judged.contains(.installs) {
      if gate.installed != installed {
        throw failure(
          "in force is \(installed.map(told) ?? "nothing"), the gate says "
            + "\(gate.installed.map(told) ?? "nothing")"
        )
      }
      if gate.sealed < sealed {
        throw failure("epoch \(sealed) is over, and the gate has closed them up to \(gate.sealed)")
      }
    }
    if judged.contains(.seals), gate.sealed < sealedByHand {
      throw failure("epoch \(sealedByHand) was sealed, the gate says up to \(gate.sealed)")
    }
    if judged.contains(.seals), gate.sealed > sealed {
      throw failure("epochs up to \(sealed) are over, the gate says up to \(gate.sealed)")
    }
  }

  private func told(_ layout: LayoutID) -> String {
    layout.hash == 1 ? "epoch \(layout.epoch)" : "another layout of epoch \(layout.epoch)"
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }
}
