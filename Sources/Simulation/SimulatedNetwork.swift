public import CorfuProtocol
public import CorfuStripeMirror
internal import Synchronization

/// A network between clients and nodes that delays, loses, repeats and cuts.
///
/// In a ``World`` it lives on virtual time, and a seed tells all it will do. At the prompt it runs
/// on real time, between the parts of a real cluster in one process, for people to break.
///
/// ```swift
/// let network = SimulatedNetwork(clock: world.clock, random: world.random.split())
/// group.addTask { await network.run() }
/// let way = network.endpoint("client 1")
/// let reply = try await way.call(request, to: node, patience: .seconds(1))
/// ```
public final class SimulatedNetwork<Time: Clock>: Sendable where Time.Duration == Duration {
  /// Who sends or receives.
  public enum Party: Hashable, Sendable {
    /// A server.
    case node(NodeID)
    /// Anybody else, by name.
    case client(String)
  }

  /// Something that happened to a message.
  public enum Event: Hashable, Sendable {
    /// A call began.
    case asked(UInt64, from: Party, to: NodeID, Request)
    /// Its reply arrived.
    case answered(UInt64, from: NodeID, to: Party, Reply)
    /// A message was lost on the way there or back.
    case lost(UInt64)
    /// A second copy of a request arrived.
    case repeated(UInt64)
    /// A request arrived when nobody waited for its answer any more.
    case late(UInt64)
    /// A request arrived after one that was sent later, by the same party.
    case overtaken(UInt64)
    /// Nobody listens there.
    case unreachable(UInt64)
    /// The caller has waited long enough.
    case timedOut(UInt64)
    /// The caller wants no answer any more: it has heard enough from others.
    case givenUp(UInt64)
  }

  let clock: Time
  private let state: Mutex<State>
  private let onEvent: @Sendable (Event) -> Void

  private struct State {
    var random: SeededGenerator
    var faults: NetworkFaults
    var handlers: [NodeID: (handler: any RequestHandler, generation: UInt64)] = [:]
    var generation: UInt64 = 0
    var cuts: Set<Cut> = []
    var paused: Set<NodeID> = []
    /// Messages that wait for a node that is paused.
    var held: [(NodeID, UnsafeContinuation<Void, Never>)] = []
    var callNumber: UInt64 = 0
    /// The newest request that arrived, for each way.
    var newestArrived: [Cut: UInt64] = [:]
    var lostToCuts = 0
    var heldByPauses = 0
    var deliveries: [Delivery] = []
    var carrier: UnsafeContinuation<Void, Never>?
    var isClosed = false
  }

  private struct Cut: Hashable {
    let from: Party
    let to: Party
  }

  /// A copy of a request on its way.
  private struct Delivery: Sendable {
    let number: UInt64
    let request: Request
    let from: Party
    let node: NodeID
    let delay: Duration
    /// A second copy: it has its effect, and its reply is ignored.
    let isRepeated: Bool
    /// Whether no other copy can have an effect.
    let isOnly: Bool
    let pending: PendingCall
  }

  /// A network on which nobody listens yet.
  ///
  /// - Parameters:
  ///   - clock: What delays are measured by.
  ///   - random: Draws the faults.
  ///   - faults: How often what goes wrong by itself.
  ///   - onEvent: Hears of every message.
  public init(
    clock: Time,
    random: SeededGenerator,
    faults: NetworkFaults = .none,
    onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.clock = clock
    self.onEvent = onEvent
    state = Mutex(State(random: random, faults: faults))
  }

  /// The network as one party sees it.
  public func endpoint(_ name: String) -> Endpoint { Endpoint(network: self, party: .client(name)) }

  /// The network as a node sees it, or whoever lives on it.
  public func endpoint(of node: NodeID) -> Endpoint {
    Endpoint(network: self, party: .node(node))
  }

  /// A party's way into the network.
  public struct Endpoint: LocalTransport {
    /// The network.
    public let network: SimulatedNetwork
    /// Whose it is.
    public let party: Party

    public var mayRepeat: Bool { true }

    public func connect(_ handler: any RequestHandler, as node: NodeID) {
      network.connect(handler, as: node)
    }

    public func disconnect(_ node: NodeID) {
      network.disconnect(node)
    }

    public func call(
      _ request: Request,
      to node: NodeID,
      patience: Duration
    ) async throws(TransportError) -> Reply {
      try await network.call(request, from: party, to: node, patience: patience)
    }
  }

  // MARK: - Nodes and faults

  /// Makes a node known, in place of what was known by its name before.
  public func connect(_ handler: any RequestHandler, as node: NodeID) {
    state.withLock { state in
      state.generation += 1
      state.handlers[node] = (handler, state.generation)
    }
  }

  /// A node is gone: what it was about to answer is lost.
  public func disconnect(_ node: NodeID) {
    state.withLock { $0.handlers[node] = nil }
  }

  /// How often what goes wrong by itself.
  public var faults: NetworkFaults {
    get { state.withLock { $0.faults } }
    set { state.withLock { $0.faults = newValue } }
  }

  /// Loses every message from one party to another.
  public func cut(from: Party, to: Party) {
    state.withLock { _ = $0.cuts.insert(Cut(from: from, to: to)) }
  }

  /// Loses every message between two groups, in both directions; who is in both hears itself.
  public func partition(_ left: [Party], from right: [Party]) {
    for one in left {
      for other in right where other != one {
        cut(from: one, to: other)
        cut(from: other, to: one)
      }
    }
  }

  /// Ends all cuts.
  public func heal() {
    state.withLock { $0.cuts = [] }
  }

  /// How many messages were lost to cuts so far.
  public var lostToCuts: Int { state.withLock { $0.lostToCuts } }

  /// How many messages had to wait for a node that was paused.
  public var heldByPauses: Int { state.withLock { $0.heldByPauses } }

  /// Whether any messages are lost on purpose.
  public var isCut: Bool { state.withLock { !$0.cuts.isEmpty } }

  /// A node neither hears nor answers until it is resumed; what it is sent waits.
  public func pause(_ node: NodeID) {
    state.withLock { _ = $0.paused.insert(node) }
  }

  /// A paused node goes on.
  public func resume(_ node: NodeID) {
    let woken = state.withLock { state in
      state.paused.remove(node)
      let woken = state.held.filter { $0.0 == node }
      state.held.removeAll { $0.0 == node }
      return woken
    }
    for (_, continuation) in woken { continuation.resume() }
  }

  /// Nodes that are paused.
  public var paused: Set<NodeID> { state.withLock { $0.paused } }

  // MARK: - Calls

  private func call(
    _ request: Request,
    from: Party,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    let pending = PendingCall()
    let number = send(request, from: from, to: node, pending)
    onEvent(.asked(number, from: from, to: node, request))
    let answer = await withTaskGroup(of: Void.self) { group in
      group.addTask { await pending.wait() }
      group.addTask {
        do {
          try await self.clock.sleep(for: patience)
          pending.resolve(.failure(.timedOut))
        } catch {
          return  // The reply was faster.
        }
      }
      await group.next()
      // Whoever is cancelled waits no longer either.
      pending.resolve(.failure(.timedOut))
      group.cancelAll()
      return pending.answer
    }
    switch answer {
    case .success(let reply): onEvent(.answered(number, from: node, to: from, reply))
    case .failure(.timedOut): onEvent(Task.isCancelled ? .givenUp(number) : .timedOut(number))
    case .failure(.unreachable): onEvent(.unreachable(number))
    }
    return try answer.get()
  }

  /// Draws a message's fate, and hands its copies to the carrier.
  private func send(
    _ request: Request,
    from: Party,
    to node: NodeID,
    _ pending: PendingCall
  ) -> UInt64 {
    let (number, carrier) = state.withLock { state in
      state.callNumber += 1
      let faults = state.faults
      let isRepeated = state.random.chance(faults.repeatRate)
      for copy in 0..<(isRepeated ? 2 : 1) {
        state.deliveries.append(
          Delivery(
            number: state.callNumber,
            request: request,
            from: from,
            node: node,
            delay: state.random.duration(in: faults.delay),
            isRepeated: copy > 0,
            isOnly: !isRepeated,
            pending: pending
          )
        )
      }
      return (state.callNumber, state.carrier.take())
    }
    carrier?.resume()
    return number
  }

  // MARK: - Carrying

  /// Carries messages until the network is closed.
  public func run() async {
    await withDiscardingTaskGroup { group in
      while let deliveries = await nextDeliveries() {
        for delivery in deliveries { group.addTask { await self.carry(delivery) } }
      }
    }
  }

  /// Ends ``run()`` once what is on its way has arrived.
  public func close() {
    let (carrier, held) = state.withLock { state in
      state.isClosed = true
      state.paused = []
      defer { state.held = [] }
      return (state.carrier.take(), state.held)
    }
    carrier?.resume()
    for (_, continuation) in held { continuation.resume() }
  }

  private func nextDeliveries() async -> [Delivery]? {
    while true {
      let (deliveries, isClosed) = state.withLock { state in
        defer { state.deliveries = [] }
        return (state.deliveries, state.isClosed)
      }
      if !deliveries.isEmpty { return deliveries }
      if isClosed { return nil }
      await withUnsafeContinuation { continuation in
        let mustWait = state.withLock { state in
          let mustWait = state.deliveries.isEmpty && !state.isClosed
          if mustWait { state.carrier = continuation }
          return mustWait
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  private func carry(_ delivery: Delivery) async {
    await wait(delivery.delay)
    await waitWhilePaused(delivery.node)
    guard passes(from: delivery.from, to: .node(delivery.node)) else {
      return onEvent(.lost(delivery.number))
    }
    guard let (handler, generation) = state.withLock({ $0.handlers[delivery.node] }) else {
      // With a second copy about, nobody can say that nothing was delivered.
      if delivery.isOnly { delivery.pending.resolve(.failure(.unreachable)) }
      return
    }
    if delivery.isRepeated { onEvent(.repeated(delivery.number)) }
    if !delivery.isRepeated && !delivery.pending.isOpen { onEvent(.late(delivery.number)) }
    if isOvertaken(delivery) { onEvent(.overtaken(delivery.number)) }
    let reply = await handler.handle(delivery.request)
    await waitWhilePaused(delivery.node)
    // A process that ended meanwhile has not answered.
    let lives = state.withLock { $0.handlers[delivery.node]?.generation == generation }
    let delay = state.withLock { state in state.random.duration(in: state.faults.delay) }
    await wait(delay)
    // Nor does a paused node hear a reply.
    if case .node(let caller) = delivery.from { await waitWhilePaused(caller) }
    guard lives, !delivery.isRepeated else { return }
    guard passes(from: .node(delivery.node), to: delivery.from) else {
      return onEvent(.lost(delivery.number))
    }
    delivery.pending.resolve(.success(reply))
  }

  private func passes(from: Party, to: Party) -> Bool {
    state.withLock { state in
      let isLost = state.random.chance(state.faults.lossRate)
      let isCut = state.cuts.contains(Cut(from: from, to: to))
      if isCut { state.lostToCuts += 1 }
      return !isLost && !isCut
    }
  }

  /// Whether a request comes after one that the same party sent later.
  private func isOvertaken(_ delivery: Delivery) -> Bool {
    state.withLock { state in
      let way = Cut(from: delivery.from, to: .node(delivery.node))
      let newest = state.newestArrived[way] ?? 0
      state.newestArrived[way] = max(newest, delivery.number)
      return delivery.number < newest
    }
  }

  private func wait(_ delay: Duration) async {
    if delay == .zero { return }
    do {
      try await clock.sleep(for: delay)
    } catch {
      return  // Cancelled: the network ends, and what is on its way arrives at once.
    }
  }

  private func waitWhilePaused(_ node: NodeID) async {
    await withUnsafeContinuation { continuation in
      let isPaused = state.withLock { state in
        guard state.paused.contains(node) else { return false }
        state.heldByPauses += 1
        state.held.append((node, continuation))
        return true
      }
      if !isPaused { continuation.resume() }
    }
  }
}
