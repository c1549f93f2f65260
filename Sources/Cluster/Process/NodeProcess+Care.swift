internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Logging
internal import Synchronization

// What a node's process does unasked: tells others who there is, looks after the cluster, reads its
// certificate again when that changes, and looks how full its disk is.

extension NodeProcess {
  // MARK: - Who there is

  /// Tells others who there is, and hears it from them.
  func gossip() async {
    while !Task.isCancelled {
      await keepLayouts()
      await PeerNews.exchange(keeper, network, besides: settings.node, patience)
      if await announce() {
        await PeerNews.exchange(keeper, network, besides: settings.node, patience)
      }
      let isBehind = state.withLock { !$0.hasCaughtUp }
      if isBehind, keeper.newest != nil {
        await PeerNews.catchUp(node, keeper, network, patience)
        state.withLock { $0.hasCaughtUp = true }
      }
      await pause(.seconds(1))
    }
  }

  /// Writes down which layouts there were, if there was one since it was last done.
  func keepLayouts() async {
    guard mayKeepLayouts else { return }
    let layouts = node.layouts
    let isNew = state.withLock { state in
      defer { state.remembered = layouts.last?.epoch }
      return state.remembered != layouts.last?.epoch
    }
    if !isNew { return }
    do throws(DeviceError) {
      try await LayoutFile(in: folder).write(layouts)
    } catch {
      // The others remember them as well; the next layout is another attempt.
      logger.warning("which layouts there were could not be kept: \(error)")
    }
  }

  var patience: Duration { settings.monitoring.patience * 5 }

  /// Says where this node is now, if the newest membership has it elsewhere.
  ///
  /// What others said comes first: a change of something old would lose to what they know, or undo
  /// it. Somebody else may make another change at the same moment, so each round looks again.
  ///
  /// - Returns: Whether there is something new to tell.
  private func announce() async -> Bool {
    guard let address = settings.advertised ?? address, let known = keeper.newest,
      let before = known.members[settings.node], before != address
    else { return false }
    var random = SystemRandomNumberGenerator()
    let next = known.changed(using: &random) { $0.members[self.settings.node] = address }
    do {
      guard try await keeper.offer(next, madeOf: known) else { return false }
      logger.info("this node has moved", metadata: ["from": "\(before)", "to": "\(address)"])
      return true
    } catch {
      logger.error("where this node is could not be kept: \(error)")
      return false
    }
  }

  // MARK: - The cluster

  /// Looks after the cluster, once there is one.
  func monitor() async {
    while !Task.isCancelled {
      guard let membership = keeper.newest, let layout = node.newestLayout,
        membership.members[settings.node] != nil
      else {
        await pause(.milliseconds(100))
        continue
      }
      let watch = makeMonitor(membership, layout)
      let overrides = OverrideTales(since: layout, logger)
      state.withLock { $0.monitor = watch }
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await watch.run() }
        group.addTask { await self.grantWishes(watch, telling: overrides) }
        await group.next()
        group.cancelAll()
      }
      state.withLock { $0.monitor = nil }
      node.monitorView = nil
    }
  }

  /// How many others go first, where one monitor is enough.
  func rank(in membership: Membership) -> Int {
    membership.members.keys.count { $0 < settings.node }
  }

  private func makeMonitor(_ membership: Membership, _ layout: Layout) -> Watch {
    var random = SystemRandomNumberGenerator()
    let (keeper, node, logger, network) = (keeper, node, logger, network)
    let (own, patience) = (settings.node, settings.monitoring.patience)
    return Monitor(
      host: settings.node,
      rank: rank(in: membership),
      layout: layout,
      network: network,
      clock: ContinuousClock(),
      limits: settings.monitoring,
      using: &random,
      wishes: { (keeper.newest ?? membership).wishes },
      news: { silent in
        let members = Set((keeper.newest ?? membership).members.keys)
        let others = members.subtracting(silent).subtracting([own])
        await PeerNews.hear(keeper, network, from: others, patience)
      },
      onView: { node.monitorView = $0 },
      onEvent: { tell($0, logger) }
    )
  }

  // MARK: - The disk

  /// Looks how full the disk is, and tells before it is.
  func watch(_ room: FreeRoom) async {
    var isShort = false
    while !Task.isCancelled {
      room.look()
      let now = room.refined(.enough)
      if let trouble = now.trouble, !isShort {
        logger.warning("the disk is \(trouble)", metadata: ["folder": "\(settings.folder)"])
      } else if now == .enough, isShort {
        logger.notice("there is enough room on the disk again")
      }
      isShort = now != .enough
      await pause(.seconds(10))
    }
  }

  // MARK: - Certificates

  /// Reads the certificate again when its files change.
  func renewCredentials() async {
    var trouble: String?
    while !Task.isCancelled {
      await pause(.seconds(5))
      do throws(CredentialsError) {
        guard let credentials, try credentials.reload() else { continue }
        logger.notice(
          "the certificate was read again",
          metadata: ["file": "\(credentials.files.certificate)"]
        )
        trouble = nil
      } catch {
        // Once is enough, until it is another.
        if trouble != "\(error)" { logger.error("the old certificate is used on: \(error)") }
        trouble = "\(error)"
      }
    }
  }
}
