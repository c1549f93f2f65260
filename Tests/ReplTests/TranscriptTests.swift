// Goal: conversations go as they are written down. Method: each file in Transcripts is typed again;
// with TRANSCRIPT_UPDATE=1 the files are rewritten instead, to be read before they are committed.
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Foundation
import Testing

@Suite struct TranscriptTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Transcripts")

  private static var names: [String] {
    // A missing folder shows as a test without cases, which the first test below refuses.
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".transcript") }.sorted()
  }

  private static var isUpdate: Bool {
    ProcessInfo.processInfo.environment["TRANSCRIPT_UPDATE"] == "1"
  }

  @Test func thereAreTranscripts() {
    #expect(Self.names.count >= 6)
  }

  @Test(arguments: names)
  func conversation(name: String) async throws {
    try await replay(Self.folder.appendingPathComponent(name))
  }

  /// The sessions that the course's chapters show, but for those on a cluster of processes, which
  /// `ProcessSessionTests` replays.
  private static var sessions: [String] {
    let chapters = folder.appendingPathComponent("../../../Chapters").standardizedFileURL
    // A missing folder shows as a test without cases, which `thereAreSessions` refuses.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: chapters.path)) ?? []
    return names.sorted().flatMap { name in
      let chapter = chapters.appendingPathComponent(name).path
      // What is no folder holds no sessions.
      let files = (try? FileManager.default.contentsOfDirectory(atPath: chapter)) ?? []
      return files.filter { $0.hasSuffix(".corfu") }.sorted().map { chapter + "/" + $0 }
        .filter { path in
          // One that cannot be read fails when it is replayed.
          let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
          return !Transcript(text).settings.words.contains("processes")
        }
    }
  }

  @Test func thereAreSessions() {
    #expect(Self.sessions.count >= 1)
  }

  @Test("What a chapter shows is what the program prints", arguments: sessions)
  func chapterSession(path: String) async throws {
    try await replay(URL(fileURLWithPath: path))
  }

  private func replay(_ file: URL) async throws {
    let written = Transcript(try String(contentsOf: file, encoding: .utf8))
    let settings = written.settings
    let session: any ReplSession =
      if settings.words.contains("model") {
        // The commands of stages to come are tried on the model.
        ModelSession(stage: settings.stage, seed: settings.seed)
      } else if settings.stage >= 5 {
        try await ClusterSessions.simulated(
          stage: settings.stage,
          seed: settings.seed,
          shape: EmbeddedShape(settings),
          parts: ReferenceParts.self
        )
      } else if settings.stage == 3 || settings.stage == 4 {
        try await ClusterSessions.simulatedMirrors(
          stage: settings.stage,
          seed: settings.seed,
          shape: EmbeddedShape(settings),
          parts: ReferenceCopyParts.self
        )
      } else if settings.stage == 2 {
        try SimulatedSession<Stage2<SimulatedDevice, Sequencer>>(seed: settings.seed)
      } else {
        try SimulatedSession<Stage1<SimulatedDevice, TailRace>>(seed: settings.seed)
      }
    let replayed = try await written.replayed(on: session)
    if Self.isUpdate {
      try replayed.text.write(to: file, atomically: true, encoding: .utf8)
    } else {
      for difference in written.differences(to: replayed) {
        Issue.record("\(file.lastPathComponent), \(difference)\nTRANSCRIPT_UPDATE=1 rewrites it")
      }
    }
  }

  @Test func textsSurviveReading() {
    for text in [
      "", "# only a header\n", "corfu> tail\n0\n",
      "# stage 3, width 80\n\ncorfu> a\n\ncorfu>\n1\n\n2\n\n\n",
    ] {
      #expect(Transcript(text).text == text)
    }
  }

  @Test func theHeaderNamesTheSession() {
    let settings = Transcript("# About races.\n# stage 3, memory, seed 7, stripes 8\n").settings
    #expect(settings.stage == 3 && settings.seed == 7 && settings.width == 100)
    #expect(settings.words == ["memory", "stripes 8"])
  }

  @Test func differencesShowBoth() async throws {
    let written = Transcript("# stage 1\ncorfu> tail\n7\ncorfu> tail\n0\n")
    let replayed = try await written.replayed(on: ModelSession())
    let difference = try #require(written.differences(to: replayed).first)
    #expect(written.differences(to: replayed).count == 1)
    #expect(
      difference.description == """
        line 2: corfu> tail
        expected:
          | 7
        printed:
          | 0
        """
    )
    #expect(replayed.text == "# stage 1\ncorfu> tail\n0\ncorfu> tail\n0\n")
  }
}
