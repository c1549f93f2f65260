// Goal: what the course shows of a cluster of processes is what such a cluster prints. Method: each
// such session is typed at the prompt of a real one. Ports, process numbers, times and the numbers
// of epochs differ from run to run and are left out; and since real time is in it, a run that went
// otherwise gets two more chances. With TRANSCRIPT_UPDATE=1 the file is rewritten instead.
import CorfuRepl
import Foundation
import Testing

@Suite(.enabled(if: Program.path != nil, "the program is not beside the tests"))
struct ProcessSessionTests {
  private static let chapters = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Chapters").standardizedFileURL

  private static var isUpdate: Bool {
    ProcessInfo.processInfo.environment["TRANSCRIPT_UPDATE"] == "1"
  }

  /// The sessions on a cluster of processes, wherever in the course they stand.
  private static var sessions: [String] {
    // A missing folder shows as a test without cases, which `thereAreSessions` refuses.
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: chapters.path)) ?? []
    return names.filter { $0.hasSuffix(".corfu") }.sorted().filter { name in
      // One that cannot be read fails when it is replayed.
      let text = (try? String(contentsOfFile: chapters.path + "/" + name, encoding: .utf8)) ?? ""
      return Transcript(text).settings.words.contains("processes")
    }
  }

  @Test func thereAreSessions() {
    #expect(Self.sessions == ["08-cluster/session.corfu", "tour.corfu"])
  }

  @Test("What the course shows is what the program prints", arguments: sessions)
  func session(name: String) async throws {
    let file = Self.chapters.appendingPathComponent(name)
    let written = Transcript(try String(contentsOf: file, encoding: .utf8))
    #expect(written.steps.count > 10)
    if Self.isUpdate {
      let replayed = try await Self.replay(written)
      return try replayed.text.write(to: file, atomically: true, encoding: .utf8)
    }
    var differences: [String] = []
    for _ in 0..<3 {
      differences = Self.differences(written, try await Self.replay(written))
      if differences.isEmpty { return }
    }
    for difference in differences {
      Issue.record("\(file.lastPathComponent), \(difference)\nTRANSCRIPT_UPDATE=1 rewrites it")
    }
  }

  @Test("Told to end, each node finishes what it was asked, and says no more than that")
  func aClusterEndsInOrder() async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/cluster"
    let shape = ["--stripes", "1", "--replicas", "2", "--spares", "1"]
    let up = try await Program.run(
      ["cluster", "up", "--data", data, "-c", "append x; append y"] + shape
    )
    #expect(up.status == 0, "\(up.errors)")
    let down = try await Program.run(["cluster", "down", "--data", data])
    #expect(down.output == "3 nodes were ended; logs stay in \(data)\n")
    for node in 1...3 {
      let log = try String(contentsOfFile: "\(data)/n\(node)/log", encoding: .utf8)
      #expect(log.hasSuffix("] ended\n"), "\(log)")
      #expect(!log.contains(" error ") && !log.contains("corfu: /"), "\(log)")
    }
  }

  @Test func onlyWhatDiffersEachTimeIsLeftOut() {
    #expect(
      Self.masked("n2 is dead: process 4711 was killed") == "n2 is dead: process … was killed"
    )
    #expect(Self.masked("n6 listens at 127.0.0.1:4711") == "n6 listens at 127.0.0.1:…")
    #expect(Self.masked("1.25 s later nothing") == "… later nothing")
    #expect(Self.masked("epoch 3, from position 7 on") == "epoch …, from position … on")
    #expect(
      Self.masked("n1    up     stripe 0, head    3     1        0") == "n1 up stripe 0, head"
    )
    #expect(Self.masked("n2    silent") == "n2 silent")
  }

  private static func masked(_ line: String) -> String {
    line.replacing(/process \d+/, with: "process …")
      .replacing(/127\.0\.0\.1:\d+/, with: "127.0.0.1:…")
      .replacing(/\d+(\.\d+)? (s|ms|µs)\b/, with: "…")
      // How often a layout was changed may differ; where the last one begins, and what a unit's
      // epoch and tail are then.
      .replacing(/epoch \d+/, with: "epoch …")
      .replacing(/from position \d+/, with: "from position …")
      .replacing(#/^(n\d+ .*?)( +\d+)+$/#) { "\($0.1)" }
      .replacing(#/ +/#, with: " ")
  }

  private static func differences(_ written: Transcript, _ replayed: Transcript) -> [String] {
    zip(written.steps, replayed.steps).compactMap { step, now in
      if step.output.map(masked) == now.output.map(masked) { return nil }
      let lines = { (lines: [String]) in lines.map { "  | " + $0 }.joined(separator: "\n") }
      return "line \(step.line): \(step.input)\nexpected:\n\(lines(step.output))\n"
        + "printed:\n\(lines(now.output))"
    }
  }

  /// A word that is no command: what the prompt says to it ends what it said before.
  private static var mark: String { "no-such-command" }

  /// Starts a cluster, with its prompt on it; errors stand among the results.
  private static var command: String { #"exec "$0" cluster up --data "$@" 2>&1"# }

  /// The cluster that a session names, in the words of `cluster up`: `stripes 3` is `--stripes 3`.
  private static func shape(of settings: Transcript.Settings) -> [String] {
    settings.words.map { $0.split(separator: " ") }.filter { $0.count == 2 }
      .flatMap { ["--\($0[0])", "\($0[1])"] }
  }

  private static func replay(_ written: Transcript) async throws -> Transcript {
    let folder = try TemporaryFolder()
    let data = folder.path + "/cluster"
    let input = written.steps.map { "\($0.input)\n\(mark)\n" }.joined()
    let run = try await Program.run(
      ["-c", Self.command, Program.path ?? "", data] + shape(of: written.settings),
      input: input,
      program: "/bin/sh"
    )
    _ = try await Program.run(["cluster", "down", "--data", data])
    var outputs: [[String]] = [[]]
    for line in run.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst() {
      if line.contains(mark) {
        outputs.append([])
      } else {
        // Where in the input a line stood is told of scripts, and not at a prompt.
        let words = line.replacing(#/^error: standard input:\d+: /#, with: "error: ")
        outputs[outputs.count - 1].append("\(words)")
      }
    }
    var replayed = written
    replayed.replaceOutputs(with: outputs)
    return replayed
  }
}
