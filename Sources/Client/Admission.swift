internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
public import CorfuProtocol
public import CorfuStripeMirror

/// Lets disks serve that were put to work again, once the acceptors have noted it (D12).
///
/// An older image of a disk has forgotten what the disk had promised. It is known by its opening:
/// of every disk that served, a majority of the acceptors knows which opening that was, or the
/// layout says it. Anybody may ask them, as often as they like.
public struct Admission<Network: Transport>: Sendable {
  private let network: Network
  private let patience: Duration

  /// Somebody who asks.
  ///
  /// - Parameters:
  ///   - network: The way to the nodes.
  ///   - patience: How long to wait for what has to be durable first.
  public init(network: Network, patience: Duration) {
    self.network = network
    self.patience = patience
  }

  /// Asks for every disk that waits, and tells it what was found.
  ///
  /// - Parameters:
  ///   - look: What nodes said of themselves.
  ///   - layout: The newest layout that is known.
  ///   - isForced: Whether those that answer are enough, however few, and none at all: for the day
  ///     on which an operator appoints others, as the majority is lost for good.
  /// - Returns: The disks that are older images, each with the opening that it has missed.
  @discardableResult
  public func run(
    _ look: ClusterLook,
    under layout: Layout,
    isForced: Bool = false
  ) async -> [UnitName: DiskOpening] {
    await withTaskGroup(of: (UnitName, DiskOpening)?.self) { group in
      for (disk, opening) in look.waiting {
        group.addTask {
          await bringForward(disk, look, to: layout)
          let verdict = await judge(disk, opening, layout, isForced: isForced)
          guard let verdict else { return nil }
          let request = AdmitRequest(
            disk: disk.incarnation,
            opening: opening,
            verdict: verdict
          )
          // Whoever does not hear it goes on waiting, and is asked for again.
          let reply = try? await network.call(.admit(request), to: disk.node, patience: patience)
          guard case .admitted? = reply else { return nil }
          if case .outdated(let missed) = verdict { return (disk, missed) }
          await teach(disk, look, under: layout)
          return nil
        }
      }
      return await group.reduce(into: [UnitName: DiskOpening]()) { found, one in
        if let one { found[one.0] = one.1 }
      }
    }
  }

  /// Hands a disk the layout whose acceptors are asked, if it knows of an older one: what others
  /// have noted is worth nothing to it.
  private func bringForward(_ disk: UnitName, _ look: ClusterLook, to layout: Layout) async {
    let known = look.statuses[disk.node]?.newest?.epoch
    if known ?? .zero >= layout.epoch { return }
    let request = Request.install(InstallRequest(layout: layout))
    // Whoever does not hear it goes on waiting.
    _ = try? await network.call(request, to: disk.node, patience: patience)
  }

  /// Tells an acceptor that was let in of the disks that serve: it may have missed an opening.
  private func teach(_ acceptor: UnitName, _ look: ClusterLook, under layout: Layout) async {
    guard layout.acceptors.contains(acceptor) else { return }
    let base = layout.id
    // A help to those who ask it later, and no more.
    await withTaskGroup(of: Void.self) { group in
      for (disk, opening) in look.serving where disk != acceptor {
        group.addTask { await vouch(acceptor, for: disk, opening, base) }
      }
    }
  }

  /// Judges a disk by what the acceptors say; `nil` if too few say anything.
  private func judge(
    _ disk: UnitName,
    _ opening: DiskOpening,
    _ layout: Layout,
    isForced: Bool
  ) async -> AdmitRequest.Verdict? {
    if let named = layout.openings[disk], !opening.follows(named) { return .outdated(by: named) }
    let answers = await ask(layout, for: disk, opening)
    if let better = answers.first(where: { $0 != opening }) { return .outdated(by: better) }
    let wanted = isForced ? 0 : layout.acceptors.count / 2 + 1
    return answers.count >= wanted ? .noted(by: layout.electorate) : nil
  }

  /// Asks the acceptors to vouch for a disk, all at once.
  ///
  /// - Returns: For each that answers the newest opening of the disk that it knows.
  private func ask(
    _ layout: Layout,
    for disk: UnitName,
    _ opening: DiskOpening
  ) async -> [DiskOpening] {
    let base = layout.id
    return await withTaskGroup(of: DiskOpening?.self) { group in
      for acceptor in layout.acceptors {
        group.addTask { await vouch(acceptor, for: disk, opening, base) }
      }
      return await group.reduce(into: [DiskOpening]()) { answers, one in
        if let one { answers.append(one) }
      }
    }
  }

  @discardableResult
  private func vouch(
    _ acceptor: UnitName,
    for disk: UnitName,
    _ opening: DiskOpening,
    _ base: LayoutID
  ) async -> DiskOpening? {
    let request = VouchRequest(
      base: base,
      acceptor: acceptor.incarnation,
      disk: disk,
      opening: opening
    )
    // Silence is an answer here, and so is a newer layout: this is not the one to ask under.
    let reply = try? await network.call(.vouch(request), to: acceptor.node, patience: patience)
    guard case .vouched(let known)? = reply else { return nil }
    return known
  }
}

extension ClusterLook {
  /// The disks that wait to be let in, each with its opening.
  public var waiting: [(disk: UnitName, opening: DiskOpening)] { openings { $0 == .waits } }

  /// The disks that serve, each with its opening.
  var serving: [(disk: UnitName, opening: DiskOpening)] { openings { $0 == .serves } }

  private func openings(
    of isMeant: (DiskAdmission) -> Bool
  ) -> [(disk: UnitName, opening: DiskOpening)] {
    statuses.keys.sorted().compactMap { node in
      guard let disk = unit(of: node), let unit = statuses[node]?.unit, isMeant(unit.admission),
        let opening = unit.opening
      else { return nil }
      return (disk, opening)
    }
  }

  /// The disks that are older images.
  public var outdated: Set<UnitName> {
    Set(
      statuses.keys.compactMap { node in
        guard let disk = unit(of: node), case .outdated? = statuses[node]?.unit?.admission else {
          return nil
        }
        return disk
      }
    )
  }
}
