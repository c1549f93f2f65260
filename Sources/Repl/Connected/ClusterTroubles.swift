import CorfuClient
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

/// What somebody should know who looks after a cluster.
struct ClusterTroubles: Equatable {
  /// The layout in force.
  var layout: Layout
  /// What the nodes say of themselves.
  var look: ClusterLook
  /// What people want; `nil` where the nodes are not told.
  var wanted: Membership?
  /// Whether all nodes have lost who is in the cluster.
  var isForgotten = false

  /// What cannot be done at the moment.
  var halting: [String] {
    forgottenMembers + deadChains + deadSequencer + blockedAppends
  }

  /// What is not as it should be, while the log goes on.
  var weakening: [String] {
    deadAcceptors + silentNodes + notLetIn + shortChains + damages + mixedUp + idleMonitors
  }

  func isUp(_ unit: UnitName) -> Bool {
    look.unit(of: unit.node) == unit && !look.outdated.contains(unit)
  }

  private static func names(_ units: [UnitName]) -> String {
    units.map(\.node.description).joined(separator: ", ")
  }

  // MARK: - What does not go on

  /// Without it no monitor works, and after a restart nobody is appointed to hand out positions.
  private var forgottenMembers: [String] {
    isForgotten
      ? [
        "none of these nodes knows who is in the cluster: name all with --connect; if none of them "
          + "knows it, 'corfu cluster init --again' writes it anew"
      ] : []
  }

  var deadChains: [String] {
    lines(about: { chain in !chain.replicas.contains(where: isUp) }) { chain, _, part in
      "\(part) can be neither read nor written: of its disks none is there "
        + "(\(Self.names(chain.replicas))): start one of them; 'corfu cluster lost' gives up disks "
        + "that are gone for good"
    }
  }

  /// Whether a unit takes entries.
  private func takesEntries(_ unit: UnitName) -> Bool {
    guard isUp(unit), let status = look.statuses[unit.node]?.unit else { return false }
    return status.admission == .serves && status.room != .full
  }

  /// An entry must be on all disks of a chain.
  ///
  /// One chain that is whole is enough to go on.
  private var blockedAppends: [String] {
    guard let chains = layout.spans.last?.stripes,
      chains.contains(where: { $0.replicas.contains(where: isUp) })
    else { return [] }
    let missing = chains.map { chain in chain.replicas.filter { !takesEntries($0) } }
    if missing.contains(where: \.isEmpty) { return [] }
    let units = Set(missing.flatMap(\.self)).sorted()
    return [
      "nothing can be appended: \(Self.names(units)) "
        + "\(units.count == 1 ? "takes" : "take") no entries, and each stripe needs all its disks"
    ]
  }

  private var deadSequencer: [String] {
    let (node, boot) = (layout.sequencer.node, layout.sequencer.boot)
    guard let status = look.statuses[node] else {
      return ["nobody hands out positions: \(node) is silent"]
    }
    guard let sequencer = status.sequencer, sequencer.boot != boot else { return [] }
    return ["nobody hands out positions: \(node) was restarted, and no layout names it yet"]
  }

  private var deadAcceptors: [String] {
    let gone = layout.acceptors.filter { !isUp($0) }
    let count = layout.acceptors.count
    guard gone.count * 2 >= count else { return [] }
    return [
      "the layout cannot be changed without most acceptors (\(count - gone.count) of \(count) "
        + "answer): start \(Self.names(gone)), or 'corfu cluster appoint' if they are lost for good"
    ]
  }

  /// Disks that serve nobody since their nodes were started (D12).
  private var notLetIn: [String] {
    // Nobody waits for one that has left, or is not in yet.
    let waiting = look.waiting.map(\.disk).filter { layout.names($0) }
    let old = look.outdated.sorted()
    return
      (waiting.isEmpty
      ? []
      : [
        "\(Self.names(waiting)): not let in yet, since most acceptors must note the start first"
      ])
      + old.map { disk in
        "the disk of \(disk.node) is an older image of itself, and serves nothing: "
          + (layout.names(disk)
            ? "it is emptied once the layout can do without it" : "it is emptied next")
      }
  }

  // MARK: - What would not survive the next death

  var shortChains: [String] {
    let replicas = wanted?.replicas ?? layout.chains.map(\.replicas.count).max() ?? 1
    return lines(about: { $0.replicas.count < replicas }) { chain, span, part in
      let names = Self.names(chain.replicas)
      let who = chain.replicas.count == 1 ? "\(names) alone has" : "\(names) have"
      let next =
        wanted?.isAutomatic == false
        ? "no copy is made while the monitors are off"
        : layout.newcomers(to: span).contains(where: isUp)
          ? "a copy is under way, or comes next"
          : "no disk is free for a copy: 'corfu cluster add' takes in another node"
      return "\(who) \(part), and \(replicas) disks should: \(next)"
    }
  }

  /// Disks in the places of others, which nobody empties: one may be the only one (R29).
  private var mixedUp: [String] {
    look.statuses.keys.sorted().compactMap { node in
      layout.owner(of: look.unit(of: node)).map { owner in
        "\(node) has the disk of \(owner): put the folders back in their places. If \(owner) has "
          + "it as well, start \(node) with an empty one"
      }
    }
  }

  private var damages: [String] {
    look.statuses.keys.sorted().flatMap { node in
      guard let unit = look.statuses[node]?.unit else { return [String]() }
      return (unit.hasFailed ? ["the disk of \(node) has failed"] : [])
        + (unit.damage.isEmpty ? [] : ["\(node) has damaged entries"])
        + (unit.room.trouble.map { ["the disk of \(node) is \($0); \(Self.roomHelp)"] } ?? [])
    }
  }

  private static let roomHelp = "trim what is not needed, or make room on it"

  /// Who should be there and is not, and who could take over next.
  private var silentNodes: [String] {
    let members = Set(wanted?.members.keys.map(\.self) ?? [])
    let silent = layout.nodes.union(members).filter { look.statuses[$0] == nil }.sorted()
    if silent.isEmpty { return [] }
    let names = silent.map(\.description).joined(separator: ", ")
    let isOne = silent.count == 1
    let who = "\(names) \(isOne ? "does" : "do") not answer"
    let start = "start \(isOne ? "it" : "them")"
    guard layout.spares.contains(where: isUp) else {
      let help = "\(start), or 'corfu cluster add' takes in another node"
      return ["\(who), and nobody stands by: \(help)"]
    }
    let command = "'corfu cluster remove \(isOne ? names : "NODE")'"
    return ["\(who): \(start), or \(command) lets \(isOne ? "it" : "each") go for good"]
  }

  private var idleMonitors: [String] {
    wanted?.isAutomatic == false
      ? ["the monitors leave what breaks as it is: 'corfu cluster monitors on' ends that"] : []
  }

  // MARK: - Chains

  /// As many lines of one kind as somebody reads.
  private static var linesMax: Int { 6 }

  /// Says something of each chain of each span that is so, and which positions it has there.
  private func lines(
    about isSo: (Chain) -> Bool,
    _ text: (Chain, Span, String) -> String
  ) -> [String] {
    var lines: [String] = []
    for (index, span) in layout.spans.enumerated() {
      let range = LayoutWords.range(of: index, in: layout)
      for (stripe, chain) in span.stripes.enumerated() where isSo(chain) {
        let part = span.stripes.count == 1 ? range : "stripe \(stripe) of \(range)"
        lines.append(text(chain, span, part))
      }
    }
    guard lines.count > Self.linesMax else { return lines }
    let more = lines.count - Self.linesMax
    return lines.prefix(Self.linesMax) + ["the same goes for \(more) more; see 'layout'"]
  }
}

extension Layout {
  /// The node whose disk the layout takes this one for, if that is another than it is on.
  func owner(of unit: UnitName?) -> NodeID? {
    guard let unit, !names(unit) else { return nil }
    return (units + spares + acceptors).first { $0.incarnation == unit.incarnation }?.node
  }

  /// Who may be given a copy of a span's positions: who stands by, or writes now, and has nothing
  /// of them.
  func newcomers(to span: Span) -> [UnitName] {
    let keeping = Set(span.stripes.flatMap(\.replicas).map(\.node))
    let able = spares + (spans.last?.stripes ?? []).flatMap(\.replicas)
    return able.filter { !keeping.contains($0.node) }
  }
}
