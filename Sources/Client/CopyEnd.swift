internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// A unit behind a transport, as copies want it.
struct CopyEnd<Network: Transport>: CopyTarget {
  let replica: RemoteReplica<Network>
  private let network: Network
  private let patience: Duration

  init(_ unit: UnitName, layout: LayoutID, network: Network, patience: Duration) {
    replica = RemoteReplica(unit, layout: layout, network: network, patience: patience)
    self.network = network
    self.patience = patience
  }

  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    do throws(ReplicaError) {
      return try await replica.read(positions)
    } catch {
      throw LogError(error)
    }
  }

  func write(_ values: [PlacedValue]) async throws(LogError) -> [WriteAnswer] {
    do throws(ReplicaError) {
      return try await replica.write(values)
    } catch {
      throw LogError(error)
    }
  }

  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    let request = Request.trims(TrimsRequest(layout: replica.layout, range: range))
    guard case .trims(let ranges) = try await ask(request) else { throw strange }
    return ranges
  }

  func trim(_ ranges: [Range<Position>]) async throws(LogError) {
    if ranges.isEmpty { return }
    let request = Request.trimRanges(RangeTrimRequest(layout: replica.layout, ranges: ranges))
    guard case .trimmed = try await ask(request) else { throw strange }
  }

  private func ask(_ request: Request) async throws(LogError) -> Reply {
    do {
      return try await network.call(request, to: replica.name.node, patience: patience)
    } catch {
      throw .unavailable("\(replica.name) does not answer")
    }
  }

  private var strange: LogError { .unavailable("\(replica.name) is in another epoch") }
}

/// A chain behind a transport, as copies want it: what is read there is complete on every replica.
struct CopyChain<Network: Transport, Kit: Parts>: CopySource {
  let replicas: [RemoteReplica<Network>]
  let tail: CopyEnd<Network>

  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    do throws(ChainError) {
      return try await Kit.Reader().readAround(positions, on: replicas, completingBy: Kit.Writer())
    } catch {
      switch error {
      case .replica(let error): throw LogError(error)
      case .inconsistent(let position): throw .inconsistent(position)
      }
    }
  }

  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    try await tail.trims(in: range)
  }
}

extension LogError {
  /// What a silent or refusing replica means to who copies: not now.
  init(_ error: ReplicaError) {
    switch error {
    case .unreachable, .timedOut, .notAdmitted, .wrongEpoch: self = .unavailable(error.description)
    case .log(_, let error): self = error
    }
  }
}

/// The trims of a range that a copy has missed.
struct LateTrims<Network: Transport>: Sendable {
  let source: CopyEnd<Network>
  let target: CopyEnd<Network>
  let range: Range<Position>

  /// Copies them, and looks whether they are there.
  ///
  /// - Returns: Whether all of them are.
  func run() async -> Bool {
    do throws(LogError) {
      let trims = try await source.trims(in: range)
      var missing = PositionSet(trims)
      missing.remove(contentsOf: try await target.trims(in: range))
      if missing.ranges.isEmpty { return true }
      try await target.trim(missing.ranges)
      missing.remove(contentsOf: try await target.trims(in: range))
      return missing.ranges.isEmpty
    } catch {
      return false  // Not now: who joins tries again in the next epoch.
    }
  }
}
