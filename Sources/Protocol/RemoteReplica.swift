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
    try await answers(to: values) { .write($0) }
  }

  public func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await answers(to: values) { .repair($0) }
  }

  /// Sends values, in as many requests as it takes.
  private func answers(
    to values: [PlacedValue],
    _ make: (WriteRequest) -> Request
  ) async throws(ReplicaError) -> [WriteAnswer] {
    let first = values.prefix(Self.fitting(values))
    var answers = try await ask(first, make)
    while answers.count < values.count {
      let rest = values[answers.count...]
      answers += try await askMore(rest.prefix(Self.fitting(rest)), make)
    }
    return answers
  }

  /// Asks behind others that are written, so that nobody may say that none is.
  private func askMore(
    _ values: ArraySlice<PlacedValue>,
    _ make: (WriteRequest) -> Request
  ) async throws(ReplicaError) -> [WriteAnswer] {
    do throws(ReplicaError) {
      return try await ask(values, make)
    } catch {
      throw .timedOut(name)
    }
  }

  private func ask(
    _ values: ArraySlice<PlacedValue>,
    _ make: (WriteRequest) -> Request
  ) async throws(ReplicaError) -> [WriteAnswer] {
    let reply = try await ask(make(WriteRequest(layout: layout, values: Array(values))))
    if case .refused(.tooLarge) = reply, values.count > 1 {
      // Nothing of it was sent: this node takes less at once than most.
      let middle = values.startIndex + values.count / 2
      let first = try await ask(values[..<middle], make)
      return first + (try await askMore(values[middle...], make))
    }
    guard case .written(let answers) = reply, answers.count == values.count else {
      throw strange(reply)
    }
    return answers
  }

  /// How many of some values go into one request: as many as a frame holds, and one at least.
  private static func fitting(_ values: some Collection<PlacedValue>) -> Int {
    var (count, bytes) = (0, 0)
    for value in values {
      if case .data(let entry) = value.value { bytes += entry.payload.count }
      bytes += overheadBytes
      if bytes > requestBytesMax, count > 0 { break }
      count += 1
    }
    return count
  }

  /// What one request carries, well below what a frame may hold.
  private static var requestBytesMax: Int { 8 << 20 }
  /// What an entry takes besides its payload, streams included, about.
  private static var overheadBytes: Int { 256 }

  public func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    let reply = try await ask(.read(ReadRequest(layout: layout, positions: positions)))
    if case .refused(.tooLarge) = reply, positions.count > 1 {
      let half = positions.count / 2
      let first = try await read(Array(positions[..<half]))
      return first + (try await read(Array(positions[half...])))
    }
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
    case .notAdmitted: return .notAdmitted(name)
    case .noSuchRole, .notNamed, .inUse, .sequencer, .notAllowed, .tooLarge:
      return .unreachable(name)
    }
  }
}
