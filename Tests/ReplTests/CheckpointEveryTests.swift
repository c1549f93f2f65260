// Goal: a session writes down by itself what has grown, as often as it was told, and no other does.
// Method: a cluster in simulated time at the prompt, and many changes.
import CorfuProtocol
import Testing

@testable import CorfuRepl

@Suite struct CheckpointEveryTests {
  @Test("R38: what has grown is written down by the session that was told to, and no other")
  func every() async throws {
    let session = try await ClusterSessions.simulated(
      stage: 7,
      seed: 7,
      parts: ReferenceParts.self
    )
    let (output, errors) = (Output.captured(), Output.captured())
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: errors,
      clock: StillClock()
    )
    /// What the prompt prints for a line.
    func say(_ line: String) async -> String {
      _ = await interpreter.run(script: .text(line))
      return String(decoding: output.take(), as: UTF8.self)
    }
    /// How often the map was written down by itself while it was changed.
    func checkpoints(in changes: Int) async -> Int {
      var count = 0
      for number in 0..<changes {
        let text = await say("map m put k \(number)")
        if text.contains("\nby itself: m is written down as of ") { count += 1 }
      }
      return count
    }
    #expect(await checkpoints(in: 30) == 0)
    let told = await say("checkpoint every 20")
    #expect(told.contains("whenever the log has grown by 20 positions"), "\(told)")
    // The first one at once: 20 positions there are already.
    #expect(await checkpoints(in: 1) == 1)
    let count = await checkpoints(in: 60)
    #expect((1...4).contains(count), "\(count)")
    let objects = await say("objects")
    #expect(objects.contains("as of"), "\(objects)")
    // What reads changes nothing, and neither does what only begins.
    _ = await say("checkpoint every 1")
    let reading = await say("map m get k\nbegin\nrollback")
    #expect(!reading.contains("by itself"), "\(reading)")
    // For programs there is what they asked for, and nothing else.
    let raw = await say(".mode raw\nmap m put k 7")
    #expect(!raw.contains("by itself"), "\(raw)")
    _ = await say(".mode table\nsession bob")
    #expect(await checkpoints(in: 30) == 0)
    _ = await say("session c1\ncheckpoint off")
    #expect(await checkpoints(in: 30) == 0)
    #expect(String(decoding: errors.take(), as: UTF8.self) == "")
    try await session.close()
  }
}
