// Goal: what is wrong with a cluster is told with what to type next, by the names of the nodes that
// are down. Method: clusters in simulated time at the prompt, broken one way each.
import CorfuClient
import CorfuProtocol
import CorfuRepl
import Testing

@Suite struct AdviceTests {
  /// What the prompt prints for some lines, errors included.
  private func say(
    _ lines: String,
    _ shape: EmbeddedShape = EmbeddedShape()
  ) async throws -> String {
    let session = try await ClusterSessions.simulated(
      stage: 6,
      seed: 3,
      shape: shape,
      parts: ReferenceParts.self
    )
    let output = Output.captured()
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: output,
      clock: StillClock()
    )
    _ = await interpreter.run(script: .text(lines))
    try await session.close()
    return String(decoding: output.take(), as: UTF8.self)
  }

  @Test func aDeadSequencerIsNotCalledSeqAnyMore() async throws {
    let text = try await say("append a\nnode kill seq\nnode restart seq\nnode restart n7")
    let start = "'node restart n6' starts n6\n"
    #expect(text.contains("error: seq is n7 now, which is up: \(start)"), "\(text)")
    #expect(text.contains("error: n7 is up already: \(start)"), "\(text)")
  }

  @Test func whatIsLeftToDoForADiskIsTold() async throws {
    let broken = "disk fail n1\nappend a\nappend b\nappend c\nappend d\nstatus\n"
    let before = try await say(broken)
    let help = "'node kill n1' and 'node restart n1' bring it back\n"
    #expect(before.contains("  n1 has stopped: 'disk mend n1', " + help), "\(before)")
    let after = try await say("\(broken)disk mend n1\nstatus")
    #expect(after.contains("  n1 has stopped: " + help), "\(after)")
  }

  @Test("wait: as long as it takes, but no longer than one is patient")
  func waitingHasAnEnd() async throws {
    let calm = try await say("append a\nwait 20")
    #expect(calm.contains("\n600.0 ms later nothing is left to do\n"), "\(calm)")
    let shape = EmbeddedShape(stripes: 1, replicas: 2, spares: 0)
    let stuck = try await say("append a\nnode pause n1\nwait 5\nwait 0.25", shape)
    let still = "later something is still to be done: 'status' tells what\n"
    #expect(stuck.contains("\n5.00 s \(still)"), "\(stuck)")
    #expect(stuck.contains("\n250.0 ms \(still)"), "\(stuck)")
  }

  @Test func missingSparesAreTold() async throws {
    let text = try await say("reconfigure stripes 3")
    let help = "2 spares are needed for that, and there are 1: 'node add' makes one\n"
    #expect(text.contains(help), "\(text)")
  }

  @Test func atAShellTheCommandIsOneOfTheShell() {
    let text = ReconfigurationWords.atShell(.noQuorum(found: 1, of: 3))
    #expect(text.hasPrefix("1 of 3 acceptors answer"))
    #expect(text.hasSuffix("'corfu cluster appoint --sure'"))
    #expect(ReconfigurationWords.atShell(.overtaken).hasSuffix("'corfu cluster status'"))
  }
}
