import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

/// Two proposers, a and b, who want different layouts in one register, step by step.
///
/// The acceptors are the cluster's, and they keep their promises and votes as they keep all others.
/// The register decides what follows a layout that never was: no cluster gets to that epoch.
struct Duel: Sendable {
  /// A proposer.
  struct Proposer: Sendable {
    let id: ProposerID
    /// What it wants.
    let own: Layout
    var round: Round<UnitName, Layout>?
    /// What it may ask votes for.
    var vote: Vote<Layout>?
    /// The highest ballot that it knows of.
    var highest: Ballot?
  }

  /// The layout whose successor is decided.
  let base: LayoutID
  let members: [UnitName]
  var proposers: [String: Proposer]

  /// The duel of this number in a cluster.
  init(number: UInt64, after layout: Layout) {
    var begin = layout
    begin.epoch = Epoch(Layout.practice.number + 2 * number)
    base = begin.id
    members = layout.acceptors
    var other = begin.next(sequencer: layout.sequencer, firstTail: layout.firstTail)
    let own = other
    other.generation += 1
    // Names that are easy to tell apart; b wins where both are in the same round.
    proposers = [
      "a": Proposer(id: ProposerID(high: 0xaaaa << 48, low: number), own: own),
      "b": Proposer(id: ProposerID(high: 0xbbbb << 48, low: number), own: other),
    ]
  }

  /// Whether a register is one of these.
  static func isDuel(_ base: LayoutID) -> Bool { base.epoch >= Layout.practice }

  /// The number of a duel by its register.
  static func number(of base: LayoutID) -> UInt64 {
    (base.epoch.number - Layout.practice.number) / 2
  }

  /// Whose a layout is.
  func owner(of layout: Layout) -> String {
    proposers.first { $0.value.own == layout }?.key ?? "somebody"
  }

  /// A proposer begins an attempt.
  mutating func prepare(_ name: String) -> Ballot? {
    guard var proposer = proposers[name] else { return nil }
    let ballot = Ballot(above: proposer.highest, of: proposer.id)
    proposer.highest = ballot
    proposer.vote = nil
    proposer.round = Round(ballot, members: members, own: proposer.own)
    proposers[name] = proposer
    return ballot
  }

  /// Takes in what an acceptor said.
  mutating func hear(_ reply: Reply, from acceptor: UnitName, to name: String) {
    guard var proposer = proposers[name], var round = proposer.round else { return }
    let step: Round<UnitName, Layout>.Step
    switch reply {
    case .prepared(let answer): step = round.receive(answer, from: acceptor)
    case .voted(let answer): step = round.receive(answer, from: acceptor)
    default: return
    }
    proposer.round = round
    switch step {
    case .propose(let vote): proposer.vote = vote
    case .lost(let ballot): proposer.highest = max(proposer.highest ?? ballot, ballot)
    case .wait, .chosen: break
    }
    proposers[name] = proposer
  }
}
