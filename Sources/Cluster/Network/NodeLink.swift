internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A program's connection to one node: made when it is needed, made anew when it breaks, shared by
/// all calls.
final class NodeLink: Sendable {
  /// What all links of a transport share.
  struct Setting: Sendable {
    let hello: Hello
    let security: Security
    let limits: NetworkLimits
  }

  /// Who waits for a reply.
  typealias Waiter = ReplyCalls.Waiter

  private enum Phase {
    case idle
    /// Frames wait for the connection.
    case connecting(waiting: [Frame])
    case open(FrameOutbox, any Channel)
    /// The last attempt failed a moment ago.
    case resting(until: ContinuousClock.Instant)
    case closed
  }

  private struct State {
    var address: NodeAddress
    var phase = Phase.idle
    var calls = ReplyCalls()
    var rest: ReconnectRest
    /// What came on the newest connection, by which it is known as well.
    var heard = HeardBytes()
    var watch: SilenceWatch
    var isSweeping = false
    /// Why there is no connection.
    var trouble: String?
  }

  private let node: NodeID
  private let setting: Setting
  private let loop: any EventLoop
  /// What the moments of calls are told from.
  private let begin = ContinuousClock.now
  private let state: Mutex<State>

  init(
    to node: NodeID,
    at address: NodeAddress,
    _ setting: Setting,
    on loop: any EventLoop
  ) {
    self.node = node
    self.setting = setting
    self.loop = loop
    let rest = ReconnectRest(first: setting.limits.restMin, longest: setting.limits.restMax)
    let watch = SilenceWatch(patience: setting.limits.answerPatience)
    state = Mutex(State(address: address, rest: rest, watch: watch))
  }

  /// Why there is no connection; `nil` if there is one, or nobody wanted any.
  var trouble: String? { state.withLock { $0.trouble } }

  /// Where the node is from now on; what is on its way to another place is given up.
  func move(to address: NodeAddress) {
    let channel: (any Channel)? = state.withLock { state in
      if state.address == address { return nil }
      state.address = address
      if case .resting = state.phase { state.phase = .idle }
      if case .open(_, let channel) = state.phase { return channel }
      return nil
    }
    channel?.close(promise: nil)
  }

  /// Ends it for good.
  func close() async {
    let (channel, lost) = state.withLock { state in
      var channel: (any Channel)?
      if case .open(_, let open) = state.phase { channel = open }
      state.phase = .closed
      return (channel, state.calls.lose())
    }
    Self.tell(lost)
    // Whatever ended it, it is closed.
    try? await channel?.close()
  }

  // MARK: - Calls

  /// Asks the node, and waits for its reply.
  func call(_ request: Request, patience: Duration) async throws(TransportError) -> Reply {
    let id = state.withLock { $0.calls.makeID() }
    let deadline = now + patience
    let result = await withTaskCancellationHandler {
      await withUnsafeContinuation { waiter in
        begin(Frame(id: id, .request(request)), waiter, until: deadline)
        // It may have been cancelled before anybody waited.
        if Task.isCancelled { end(id, with: .failure(.timedOut)) }
      }
    } onCancel: {
      end(id, with: .failure(.timedOut))
    }
    return try result.get()
  }

  private enum Step {
    case send(FrameOutbox)
    case connect(NodeAddress, HeardBytes)
    case wait
    case fail
  }

  private func begin(
    _ frame: Frame,
    _ waiter: Waiter,
    until deadline: Duration
  ) {
    let (step, mustSweep) = state.withLock { state in
      let step = Self.step(&state, frame, setting.limits)
      if case .fail = step { return (step, false) }
      state.calls.add(waiter, as: frame.id, until: deadline)
      if case .send = step { state.calls.markSent(frame.id) }
      defer { state.isSweeping = true }
      return (step, !state.isSweeping)
    }
    if mustSweep { scheduleSweep() }
    switch step {
    case .wait: break
    case .fail: waiter.resume(returning: .failure(.unreachable))
    case .connect(let address, let heard): connect(to: address, heard)
    case .send(let outbox): send(frame, to: outbox)
    }
  }

  private static func step(_ state: inout State, _ frame: Frame, _ limits: NetworkLimits) -> Step {
    guard state.calls.count < limits.callsMax else { return .fail }
    switch state.phase {
    case .open(let outbox, _): return .send(outbox)
    case .connecting(let waiting):
      state.phase = .connecting(waiting: waiting + [frame])
      return .wait
    case .resting(let end) where ContinuousClock.now < end: return .fail
    case .idle, .resting:
      state.phase = .connecting(waiting: [frame])
      state.heard = HeardBytes()
      return .connect(state.address, state.heard)
    case .closed: return .fail
    }
  }

  private func send(_ frame: Frame, to outbox: FrameOutbox) {
    do {
      try outbox.send(frame)
    } catch {
      // Nothing was sent, and nothing of it ever will be.
      end(frame.id, with: .success(.refused(.tooLarge)))
    }
  }

  /// Ends a call, if it is not over.
  private func end(_ id: UInt64, with result: Result<Reply, TransportError>) {
    state.withLock { $0.calls.take(id) }?.resume(returning: result)
  }

  func receive(_ reply: Reply, _ id: UInt64) { end(id, with: .success(reply)) }

  // MARK: - Patience

  /// How long the link has been there.
  private var now: Duration { begin.duration(to: .now) }

  private func scheduleSweep() {
    loop.scheduleTask(in: .milliseconds(10)) { self.sweep() }
  }

  private func sweep() {
    listen()
    let (expired, mustGoOn) = state.withLock { state in
      let expired = state.calls.expire(at: now)
      if case .connecting(let waiting) = state.phase, !expired.isEmpty {
        let ids = Set(expired.map(\.id))
        state.phase = .connecting(waiting: waiting.filter { !ids.contains($0.id) })
      }
      state.isSweeping = state.calls.count > 0
      return (expired, state.isSweeping)
    }
    Self.tell(expired)
    if mustGoOn { scheduleSweep() }
  }

  private static func tell(_ calls: [EndedCall<Waiter>]) {
    for call in calls { call.waiter.resume(returning: .failure(call.error)) }
  }

  // MARK: - Silence

  /// Looks whether the node says anything at all while it is waited for.
  private func listen() {
    let open = state.withLock { state -> (outbox: FrameOutbox, channel: any Channel)? in
      guard case .open(let outbox, let channel) = state.phase else { return nil }
      return (outbox, channel)
    }
    guard let (outbox, channel) = open else { return }
    let progress = outbox.progress
    // Of a connection that is gone there is nothing to see.
    let left = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
    let verdict = state.withLock { state in
      let look = SilenceWatch.Look(
        heardBytes: state.heard.count,
        takenBytes: progress.takenBytes,
        leftBytes: progress.isSending ? left ?? 0 : 0
      )
      return state.watch.look(look, at: now)
    }
    switch verdict {
    case .wait: break
    case .ask:
      // It is answered on the spot. Nobody waits for that: that something comes is enough.
      let id = state.withLock { $0.calls.makeID() }
      send(Frame(id: id, .request(.membership(nil))), to: outbox)
    case .giveUp: giveUp()
    }
  }

  /// Gives the connection up: the next call makes another one.
  private func giveUp() {
    let (channel, lost) = state.withLock { state -> ((any Channel)?, [EndedCall<Waiter>]) in
      guard case .open(_, let channel) = state.phase else { return (nil, []) }
      var random = SystemRandomNumberGenerator()
      state.phase = .resting(until: .now + state.rest.next(using: &random))
      // Its end comes when it comes, and nobody waits for it.
      state.heard = HeardBytes()
      state.trouble = "it says nothing on its connection, and is called on another one"
      return (channel, state.calls.lose())
    }
    Self.tell(lost)
    if let channel { Dialer.drop(channel) }
  }

  // MARK: - Connections

  private func connect(to address: NodeAddress, _ heard: HeardBytes) {
    let link = self
    let (setting, node) = (setting, node)
    Dialer.dial(address, setting, expecting: node, hearing: heard, on: loop) { channel, outbox, _ in
      link.opened(channel, outbox)
    } onReply: { reply, id in
      link.receive(reply, id)
    } onEnd: { reason in
      if link.isNewest(heard) { link.broken(because: reason) }
    }
  }

  /// Whether a connection is the newest, and was not given up.
  private func isNewest(_ heard: HeardBytes) -> Bool { state.withLock { $0.heard === heard } }

  private func opened(_ channel: any Channel, _ outbox: FrameOutbox) {
    let waiting: [Frame]? = state.withLock { state in
      guard case .connecting(let waiting) = state.phase else { return nil }
      state.phase = .open(outbox, channel)
      state.rest.reset()
      state.watch = SilenceWatch(patience: setting.limits.answerPatience)
      state.trouble = nil
      // Before the first byte goes out: whoever loses patience meanwhile must not be told too much.
      for frame in waiting { state.calls.markSent(frame.id) }
      return waiting
    }
    guard let waiting else { return channel.close(promise: nil) }
    for frame in waiting { send(frame, to: outbox) }
  }

  private func broken(because reason: String) {
    let lost = state.withLock { state -> [EndedCall<Waiter>] in
      switch state.phase {
      case .connecting:
        var random = SystemRandomNumberGenerator()
        state.phase = .resting(until: .now + state.rest.next(using: &random))
      case .open: state.phase = .idle
      case .idle, .resting, .closed: return []
      }
      state.trouble = reason
      return state.calls.lose()
    }
    Self.tell(lost)
  }
}
