public import CorfuGlobalLog
public import CorfuStripeMirror
internal import CorfuWriteOnce

/// A storage unit behind a transport, in one layout.
public struct RemoteReplica<Network: Transport>: Replica {
  public let name: UnitName
  /// The layout that every request names.
  public let layout: LayoutID
  private let network: Network
  private let patience: Duration

  /// A unit of a layout.
  ///
  /// - Parameters:
  ///   - name: Which.
  ///   - layout: The layout to name in every request.
  ///   - network: The way to it.
  ///   - patience: How long to wait for a reply.
  public init(_ name: UnitName, layout: LayoutID, network: Network, patience: Duration) {
    self.name = name
    self.layout = layout
    self.network = network
    self.patience = patience
  }

  public func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await answers(to: .write(WriteRequest(layout: layout, values: values)), values.count)
  }

  public func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await answers(to: .repair(WriteRequest(layout: layout, values: values)), values.count)
  }

  private func answers(
    to request: Request,
    _ count: Int
  ) async throws(ReplicaError) -> [WriteAnswer] {
    let reply = try await ask(request)
    guard case .written(let answers) = reply, answers.count == count else { throw strange(reply) }
    return answers
  }

  public func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    let reply = try await ask(.read(ReadRequest(layout: layout, positions: positions)))
    guard case .slots(let slots) = reply, slots.count == positions.count else {
      throw strange(reply)
    }
    return slots
  }

  public func trim(_ positions: [Position]) async throws(ReplicaError) {
    let reply = try await ask(.trim(TrimRequest(layout: layout, positions: positions)))
    guard case .trimmed = reply else { throw strange(reply) }
  }

  public func trimPrefix(before mark: Position) async throws(ReplicaError) {
    let reply = try await ask(.trimPrefix(PrefixTrimRequest(layout: layout, mark: mark)))
    guard case .trimmed = reply else { throw strange(reply) }
  }

  private func ask(_ request: Request) async throws(ReplicaError) -> Reply {
    do {
      return try await network.call(request, to: name.node, patience: patience)
    } catch {
      switch error {
      case .unreachable: throw .unreachable(name)
      case .timedOut: throw .timedOut(name)
      }
    }
  }

  /// The error for a reply that is none to what was asked.
  private func strange(_ reply: Reply) -> ReplicaError {
    guard case .refused(let refusal) = reply else { return .timedOut(name) }
    switch refusal {
    case .epoch(let refusal): return .wrongEpoch(name, refusal)
    case .log(let error): return .log(name, error)
    case .noSuchRole, .notNamed, .inUse, .sequencer: return .unreachable(name)
    }
  }
}
