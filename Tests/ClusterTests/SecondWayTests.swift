// Goal: who waits for nobody else's messages has a thread for their own. Method: ask on which one
// each way's tasks run.
import CorfuCluster
import CorfuProtocol
import NIOCore
import NIOPosix
import Testing

@Suite struct SecondWayTests {
  @Test("A second way has a thread of its own, if there is more than one")
  func aSecondWayIsApart() async {
    let several = Array(MultiThreadedEventLoopGroup.singleton.makeIterator()).count > 1
    for _ in 0..<5 {
      let first = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
      let second = TCPTransport(
        as: Hello(cluster: nil, role: .client),
        security: .open,
        apartFrom: first
      )
      let loops = await (loop(of: first), loop(of: second))
      #expect(loops.0 != nil && loops.1 != nil)
      #expect((loops.0 != loops.1) == several)
      await first.close()
      await second.close()
    }
  }

  private func loop(of transport: TCPTransport) async -> ObjectIdentifier? {
    await withTaskGroup(of: ObjectIdentifier?.self) { group in
      group.addTask(executorPreference: transport.executor) {
        MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
      }
      return await group.next() ?? nil
    }
  }
}
