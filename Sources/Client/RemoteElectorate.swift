internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror

/// The acceptors of a layout, behind a transport.
///
/// Whoever of them has missed the layout is handed it first: they vote on the successor of none
/// that they do not know.
struct RemoteElectorate<Network: Transport, Time: Clock>: Electorate
where Time.Duration == Duration {
  let layout: Layout
  /// Its name, which is dear to compute.
  let base: LayoutID
  let network: Network
  let clock: Time
  let patience: Duration
  /// When there is no time for another attempt.
  let deadline: Time.Instant
  /// Makes the pauses of two proposers differ.
  let salt: UInt64

  /// Who votes: the acceptors of the layout before, never of the next (R26).
  var members: [UnitName] { layout.acceptors }

  func prepare(
    _ ballot: Ballot,
    at member: UnitName
  ) async -> ElectorateAnswer<PrepareAnswer<Layout>, Layout> {
    let request = PrepareRequest(base: base, acceptor: member.incarnation, ballot: ballot)
    switch await ask(.prepare(request), member) {
    case .prepared(let answer)?: return .answer(answer)
    case .decided(let layout)?: return .decided(layout)
    default: return .silent
    }
  }

  func accept(
    _ vote: Vote<Layout>,
    at member: UnitName
  ) async -> ElectorateAnswer<AcceptAnswer, Layout> {
    let request = AcceptRequest(base: base, acceptor: member.incarnation, vote: vote)
    switch await ask(.accept(request), member) {
    case .voted(let answer)?: return .answer(answer)
    case .decided(let layout)?: return .decided(layout)
    default: return .silent
    }
  }

  private func ask(_ request: Request, _ member: UnitName) async -> Reply? {
    await network.ask(request, of: member, after: layout, patience: patience)
  }

  func rest(after attempt: Int) async -> Bool {
    let mixed = (salt ^ UInt64(attempt)) &* 0x9e37_79b9_7f4a_7c15
    let step = Duration.milliseconds(1 << min(attempt, 6))
    do {
      try await clock.sleep(for: step / 2 + step * Int(mixed >> 54) / 1024)
    } catch {
      return false
    }
    return clock.now < deadline
  }
}

extension Transport {
  /// Asks an acceptor about what follows a layout, and hands it the layout if it has missed that.
  ///
  /// - Returns: Its reply; `nil` if it is silent.
  func ask(
    _ request: Request,
    of acceptor: UnitName,
    after layout: Layout,
    patience: Duration
  ) async -> Reply? {
    let reply = await answer(to: request, from: acceptor, patience: patience)
    guard case .refused(.epoch(.behind))? = reply else { return reply }
    let install = Request.install(InstallRequest(layout: layout))
    _ = await answer(to: install, from: acceptor, patience: patience)
    return await answer(to: request, from: acceptor, patience: patience)
  }

  private func answer(
    to request: Request,
    from acceptor: UnitName,
    patience: Duration
  ) async -> Reply? {
    // Silence is an answer here, and the same whatever its reason.
    try? await call(request, to: acceptor.node, patience: patience)
  }
}
