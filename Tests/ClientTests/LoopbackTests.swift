// Goal: who does not want to wait for a node any more goes on, and a vote goes on without those
// that are silent (R27). Method: nodes that answer when the test says so, and never before.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror
import Synchronization
import Testing

/// A node that keeps its callers waiting until it is let go.
private final class SlowNode: RequestHandler {
  private let waiting = Mutex<[UnsafeContinuation<Void, Never>]?>([])
  private let heard = Mutex(0)

  var calls: Int { heard.withLock { $0 } }

  func handle(_ request: Request) async -> Reply {
    heard.withLock { $0 += 1 }
    await withUnsafeContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        waiting?.append(continuation)
        return waiting == nil
      }
      if isFree { continuation.resume() }
    }
    return .trimmed
  }

  func letGo() {
    for continuation in waiting.withLock({ $0.take() }) ?? [] { continuation.resume() }
  }
}

/// Acceptors of which one is behind a transport, and silent.
private struct Voters: Electorate {
  let members = [NodeID(1), NodeID(2), NodeID(3)]
  let network: LoopbackTransport
  let silent: NodeID

  func prepare(
    _ ballot: Ballot,
    at member: NodeID
  ) async -> ElectorateAnswer<PrepareAnswer<Int>, Int> {
    await ask(member, .promised(nil))
  }

  func accept(_ vote: Vote<Int>, at member: NodeID) async -> ElectorateAnswer<AcceptAnswer, Int> {
    await ask(member, .accepted)
  }

  private func ask<Answer>(
    _ member: NodeID,
    _ answer: Answer
  ) async -> ElectorateAnswer<Answer, Int> {
    if member != silent { return .answer(answer) }
    // Whatever becomes of it, there is no answer.
    _ = try? await network.call(.status, to: member, patience: .seconds(1))
    return .silent
  }

  func rest(after attempt: Int) async -> Bool { false }
}

@Suite(.timeLimit(.minutes(1))) struct LoopbackTests {
  @Test("R27: a majority is enough: nobody waits for an acceptor that does not answer")
  func silentAcceptor() async throws {
    let network = LoopbackTransport()
    let node = SlowNode()
    network.connect(node, as: NodeID(2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await network.serve(NodeID(2)) }
      defer {
        network.disconnect(NodeID(2))
        node.letGo()
      }
      // The first call may find a node that is not served yet: such a one would be waited for.
      while !network.isServed(NodeID(2)) { await Task.yield() }
      let register = Register(Voters(network: network, silent: NodeID(2)))
      let chosen = try await register.propose(7, as: ProposerID(high: 1, low: 1))
      #expect(chosen == 7)
    }
  }

  @Test func aCallThatNobodyWaitsForIsGivenUpAndStillDone() async throws {
    let network = LoopbackTransport()
    let node = SlowNode()
    network.connect(node, as: NodeID(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await network.serve(NodeID(1)) }
      while !network.isServed(NodeID(1)) { await Task.yield() }
      await withTaskGroup(of: TransportError?.self) { calls in
        calls.addTask {
          do throws(TransportError) {
            _ = try await network.call(.status, to: NodeID(1), patience: .seconds(1))
            return nil
          } catch {
            return error
          }
        }
        while node.calls == 0 { await Task.yield() }
        calls.cancelAll()
        #expect(await calls.next() == .some(.timedOut))
      }
      node.letGo()
      network.disconnect(NodeID(1))
    }
    #expect(node.calls == 1)
    await #expect(throws: TransportError.unreachable) {
      _ = try await network.call(.status, to: NodeID(1), patience: .seconds(1))
    }
  }

  @Test func whoIsServedAnswersAsAnyoneDoes() async throws {
    let network = LoopbackTransport()
    let node = SlowNode()
    node.letGo()
    network.connect(node, as: NodeID(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await network.serve(NodeID(1)) }
      for _ in 0..<100 {
        let reply = try await network.call(.status, to: NodeID(1), patience: .seconds(1))
        #expect(reply == .trimmed)
        await Task.yield()
      }
      network.disconnect(NodeID(1))
    }
  }
}
