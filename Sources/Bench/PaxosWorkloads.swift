internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import Synchronization

/// Ways to append to a log that survives the loss of one machine, each on real files.
struct PaxosWorkloads: Sendable {
  let folder: BenchFolder
  let payloadBytes: Int
  /// How many entries go into one batch, where there are batches.
  let batchMax: Int

  /// How many batches are on their way at once, in both worlds.
  private static let batchesMax = 4

  private func callers(_ count: Int) -> Callers {
    Callers(count: count, payloadBytes: payloadBytes)
  }

  // MARK: - Paxos

  /// Every entry is proposed by whoever appends it.
  func rounds(
    _ positions: PaxosGroup.Positions,
    clients: Int,
    for duration: Duration
  ) async throws -> Measurement {
    try await paxos { paxos in
      let proposers = (0..<clients).map { _ in Proposer(payloadBytes) }
      let lost = SharedCounter()
      var measurement = try await counting(in: paxos) {
        try await callers(clients).run(for: duration) { caller, turn in
          _ = lost.next(try await proposers[caller].append(positions, to: paxos))
        }
      }
      measurement.lostRaces = lost.count
      return measurement
    }
  }

  /// A leader that nobody disputes asks for votes only.
  func leader(clients: Int, for duration: Duration) async throws -> Measurement {
    let payload = [UInt8](repeating: 1, count: payloadBytes)
    return try await paxos { paxos in
      let ballot = try await paxos.lead(as: ProposerID(high: 1, low: 1))
      return try await counting(in: paxos) {
        try await callers(clients).run(for: duration) { _, _ in
          try await paxos.append([payload], led: ballot)
        }
      }
    }
  }

  /// A leader that asks for votes on many entries at once.
  func batchingLeader(callers count: Int, for duration: Duration) async throws -> Measurement {
    typealias Waiting = CheckedContinuation<Void, Never>
    let payload = [UInt8](repeating: 1, count: payloadBytes)
    return try await paxos { paxos in
      let ballot = try await paxos.lead(as: ProposerID(high: 1, low: 1))
      let inbox = Inbox<Waiting>()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<Self.batchesMax {
          group.addTask {
            while true {
              let batch = await inbox.take(atMost: batchMax)
              if batch.isEmpty { return }
              let values = [[UInt8]](repeating: payload, count: batch.count)
              try await paxos.append(values, led: ballot)
              for waiting in batch { waiting.resume() }
            }
          }
        }
        defer { inbox.close() }
        return try await counting(in: paxos) {
          try await callers(count).run(for: duration) { _, _ in
            await withCheckedContinuation { inbox.put($0) }
          }
        }
      }
    }
  }

  private func paxos(
    _ body: (PaxosGroup) async throws -> Measurement
  ) async throws -> Measurement {
    try await PaxosGroup.with(in: folder.folder("paxos"), body)
  }

  /// Counts messages and syncs of what is measured, and not what came before: a leader is elected
  /// once.
  private func counting(
    in paxos: PaxosGroup,
    _ body: () async throws -> Measurement
  ) async throws -> Measurement {
    let (messages, syncs) = (paxos.messages.count, paxos.syncs.count)
    var measurement = try await body()
    measurement.messages = paxos.messages.count - messages
    measurement.syncs = paxos.syncs.count - syncs
    return measurement
  }

  // MARK: - Corfu

  /// A token, then down one chain.
  ///
  /// - Parameters:
  ///   - replicas: How long the chain is.
  ///   - count: How many append at once.
  ///   - sharesClient: Whether all of them do so through one client, which sends batches.
  ///   - duration: For how long.
  /// - Returns: What it was like.
  /// - Throws: What the files and the log throw.
  func corfu(
    replicas: Int,
    callers count: Int,
    sharesClient: Bool = false,
    for duration: Duration
  ) async throws -> Measurement {
    // Spares make up the number of acceptors, and do nothing here.
    let shape = VotedCluster.Shape(stripes: 1, replicas: replicas, spares: max(0, 3 - replicas))
    let payload = [UInt8](repeating: 1, count: payloadBytes)
    return try await VotedCluster.with(shape, in: folder.folder("corfu")) { cluster in
      guard let layout = cluster.firstLayout else {
        throw BenchError.failed("the cluster has no layout")
      }
      var limits = ClientLimits()
      limits.batchesMax = Self.batchesMax
      limits.batchEntriesMax = batchMax
      let clients = (0..<(sharesClient ? 1 : count)).map { _ in
        cluster.client(of: layout, limits: limits)
      }
      // Each once before the clock runs: segments are there.
      for client in clients { _ = try await client.append(payload) }
      return try await withThrowingTaskGroup(of: Void.self) { group in
        if sharesClient, let client = clients.first { group.addTask { await client.run() } }
        defer { group.cancelAll() }
        let (messages, syncs) = (cluster.network.messages, cluster.syncs.count)
        var measurement = try await callers(count).run(for: duration) { caller, _ in
          _ = try await clients[caller % clients.count].append(payload)
        }
        measurement.messages = cluster.network.messages - messages
        measurement.syncs = cluster.syncs.count - syncs
        return measurement
      }
    }
  }
}

/// Somebody who proposes entries, each unlike any other.
private final class Proposer: Sendable {
  private struct State: Sendable {
    var random = SystemRandomNumberGenerator()
    var next = Position.zero
  }

  private let state = Mutex(State())
  private let payloadBytes: Int

  init(_ payloadBytes: Int) {
    self.payloadBytes = payloadBytes
  }

  /// Appends one entry.
  ///
  /// - Returns: How many positions went to others.
  func append(_ positions: PaxosGroup.Positions, to paxos: PaxosGroup) async throws -> Int {
    var (next, proposer, number) = state.withLock { state in
      (state.next, ProposerID(using: &state.random), state.random.next())
    }
    var value = [UInt8](repeating: 1, count: max(0, payloadBytes - 8))
    value.append(contentsOf: withUnsafeBytes(of: number) { Array($0) })
    let lost = try await paxos.append(value, as: proposer, positions, next: &next)
    state.withLock { [next] in $0.next = next }
    return lost
  }
}
