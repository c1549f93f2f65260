internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Logging

/// Answers what comes in over the network: the node's part and the process's.
struct NodeHandler<Storage: Device, Kit: Parts>: PeerRequestHandler {
  let node: Node<Storage, Kit>
  let keeper: MembershipKeeper
  let meters: RequestMeters
  let load: LoadMeters
  let memory = MeterMemory()
  /// How full the disk is; `nil` without one.
  let room: FreeRoom?
  let logger: Logger
  /// How many bytes of entries, or of layouts, one reply holds.
  let replyBytesMax: Int
  /// Brings the node up to what others of the cluster know.
  let catchUp: @Sendable () async -> Void

  func answerAtOnce(_ request: Request, of peer: Peer) -> Reply? {
    if case .membership(nil) = request { return .membership(keeper.newest) }
    guard var reply = node.answerAtOnce(request) else { return nil }
    if let room, case .status(var status) = reply, let unit = status.unit {
      status.unit?.room = room.refined(unit.room)
      reply = .status(status)
    }
    meters.count(request, reply)
    load.count(request, reply, of: peer.role)
    return reply
  }

  func handle(_ request: Request, of peer: Peer) async -> Reply {
    let begin = ContinuousClock.now
    load.begin()
    let reply = await answer(request, of: peer)
    load.end()
    meters.record(request, reply, ContinuousClock.now - begin)
    load.count(request, reply, of: peer.role)
    return reply
  }

  private func answer(_ request: Request, of peer: Peer) async -> Reply {
    switch request {
    case .membership(let membership?):
      do throws(DeviceError) {
        try await keeper.offer(membership, from: peer)
      } catch {
        return .refused(.log(.failed(error)))
      }
      return .membership(keeper.newest)
    case .install(let install) where peer.role == .client:
      // A client's word is a hint: the nodes know what was decided.
      if node.newestLayout?.epoch ?? .zero < install.layout.epoch { await catchUp() }
      return node.newestLayout.map { .installed($0.id) } ?? .refused(.notAllowed)
    case .install(let install):
      tell(install, after: node.newestLayout, by: peer, logger)
      return await node.handle(request)
    case .read(let request): return await read(request)
    case .layouts: return .layouts(node.layouts(bytesMax: replyBytesMax))
    case .meters: return .meters(await memory.meters { await measured() })
    default: return await node.handle(request)
    }
  }

  /// What was counted and measured so far.
  private func measured() async -> NodeMeters {
    let counts = load.counts
    var measured = NodeMeters(
      entries: counts.entries,
      fills: counts.fills,
      reads: counts.reads,
      tokens: counts.tokens,
      // This question is one itself.
      requests: max(0, load.requests - 1),
      freeBytes: room?.bytes
    )
    if let factory = PrometheusFactory.current {
      measured.syncs = factory.durations(of: "corfu_unit_sync_seconds")
      measured.writes = factory.durations(of: "corfu_request_seconds", kind: "write")
    }
    if case .space(let space) = await node.handle(.space) { measured.space = space }
    return measured
  }

  /// Reads piece by piece, so that nobody makes a node hold more than a reply may hold.
  private func read(_ request: ReadRequest) async -> Reply {
    if request.positions.count <= Self.pieceMax {
      let reply = await node.handle(.read(request))
      return fits(reply) ? reply : .refused(.tooLarge)
    }
    var slots: [Result<Slot, LogError>] = []
    var bytes = 0
    var index = 0
    while index < request.positions.count {
      let end = min(index + Self.pieceMax, request.positions.count)
      let piece = ReadRequest(
        layout: request.layout,
        positions: Array(request.positions[index..<end])
      )
      let reply = await node.handle(.read(piece))
      guard case .slots(let more) = reply else { return reply }
      bytes += Self.bytes(of: more)
      if bytes > replyBytesMax { return .refused(.tooLarge) }
      slots += more
      index = end
    }
    return .slots(slots)
  }

  private func fits(_ reply: Reply) -> Bool {
    guard case .slots(let slots) = reply else { return true }
    return slots.count == 1 || Self.bytes(of: slots) <= replyBytesMax
  }

  private static func bytes(of slots: [Result<Slot, LogError>]) -> Int {
    slots.reduce(0) { sum, slot in
      guard case .success(.data(let entry)) = slot else { return sum + 16 }
      return sum + entry.payload.count + 64 + 48 * entry.streams.count
    }
  }

  /// How many positions are read at once.
  private static var pieceMax: Int { 64 }
}
