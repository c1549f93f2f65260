// Goal: calls of many that go out together answer each as if it had been alone, and whoever leaves
// is let go. Method: many tasks of one client in virtual time, and requests that are counted and
// held up on their way.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Testing

@Suite struct CompanyTests {
  /// A wire on which each request takes its time, and reads are counted.
  private func slow(_ cluster: NodeCluster, counting reads: Tally, losing lost: Int = 0) -> Wire {
    cluster.wire { request, _ in
      if case .read = request, reads.next() == lost { return .isLost }
      return .isLate(.milliseconds(10))
    }
  }

  @Test func readsOfManyGoOutTogether() throws {
    try withNodes(units: 4, replicas: 2, stripes: 2) { cluster in
      let client = cluster.client()
      _ = try await client.append(batch: (0..<100).map { [UInt8($0)] })
      let reads = Tally()
      let reader = cluster.client(2, via: slow(cluster, counting: reads))
      let payloads = try await readAll(100, with: reader)
      #expect(payloads == (0..<100).map { [UInt8($0)] })
      // Two alone on each chain, then all that wait.
      #expect(reads.count < 12, "\(reads.count) requests")
    }
  }

  @Test func aLostQuestionHarmsNobody() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let client = cluster.client()
      _ = try await client.append(batch: (0..<40).map { [UInt8($0)] })
      let reads = Tally()
      // The third is the first that many share.
      let reader = cluster.client(2, via: slow(cluster, counting: reads, losing: 3))
      let payloads = try await readAll(40, with: reader)
      #expect(payloads == (0..<40).map { [UInt8($0)] })
      #expect(reads.count > 3)
    }
  }

  @Test func whatMayChangeIsAskedAlone() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let client = cluster.client()
      _ = try await client.append(batch: (0..<4).map { [UInt8($0)] })
      let reader = cluster.client(2, via: slow(cluster, counting: Tally()))
      let slots = try await withThrowingTaskGroup(of: (Int, Slot).self) { group in
        for number in 0..<12 {
          group.addTask { (number, try await reader.read(Position(UInt64(number)))) }
        }
        return try await group.reduce(into: [Int: Slot]()) { $0[$1.0] = $1.1 }
      }
      for number in 4..<12 { #expect(slots[number] == .empty) }
      #expect(slots.values.count { $0.isTaken } == 4)
    }
  }

  private func readAll(_ count: Int, with reader: WiredClient) async throws -> [[UInt8]] {
    try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for number in 0..<count {
        group.addTask {
          guard case .data(let entry) = try await reader.read(Position(UInt64(number))) else {
            return (number, [])
          }
          return (number, entry.payload)
        }
      }
      let found = try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
      return (0..<count).map { found[$0] ?? [] }
    }
  }

  @Test func whoIsCancelledInTheQueueIsLetGo() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      _ = try await cluster.client().append(batch: (0..<3).map { [UInt8($0)] })
      var limits = ClientLimits()
      limits.batchesMax = 1
      limits.callPatience = .seconds(60)
      let wire = cluster.wire { _, _ in .isLate(.seconds(5)) }
      let client = cluster.client(2, via: wire, limits: limits)
      let clock = cluster.world.clock
      let begin = clock.now
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        await cluster.world.sleep(for: .milliseconds(1))
        // One batch and two reads are on their way, and keep the others waiting.
        await withTaskGroup(of: LogError?.self) { ahead in
          ahead.addTask {
            await failure { () async throws(LogError) in _ = try await client.append([1]) }
          }
          for number in 0..<2 {
            ahead.addTask {
              await failure { () async throws(LogError) in
                _ = try await client.read(Position(UInt64(number)))
              }
            }
          }
          await cluster.world.sleep(for: .seconds(1))
          await withTaskGroup(of: LogError?.self) { waiting in
            waiting.addTask {
              await failure { () async throws(LogError) in _ = try await client.append([2]) }
            }
            waiting.addTask {
              await failure { () async throws(LogError) in _ = try await client.read(Position(2)) }
            }
            await cluster.world.sleep(for: .seconds(1))
            waiting.cancelAll()
            for await error in waiting {
              #expect(error == .unavailable("the task was cancelled"))
            }
          }
          #expect(begin.duration(to: clock.now) < .seconds(3))
          for await error in ahead { #expect(error == nil) }
        }
        group.cancelAll()
      }
    }
  }
}

/// The error that a body throws; `nil` for none.
private func failure(_ body: () async throws(LogError) -> Void) async -> LogError? {
  do throws(LogError) {
    try await body()
    return nil
  } catch {
    return error
  }
}
