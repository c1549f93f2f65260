// Goal: a node that is told to end finishes what it was asked, closes its unit, and does not take
// that for a failed disk. Method: nodes that end as SIGTERM ends them, and what they log.
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Logging
import Synchronization
import Testing

/// Keeps what is logged.
private final class Journal: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(journal: self) } }

  private struct Handler: LogHandler {
    let journal: Journal
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      journal.lines.withLock { $0.append("\(event.level): \(event.message)") }
    }
  }
}

@Suite(.timeLimit(.minutes(2))) struct NodeEndTests {
  @Test func aNodeThatIsToldToEndClosesItsUnit() async throws {
    let folder = try TestFolder()
    for round in 0..<5 {
      let journal = Journal()
      var settings = NodeSettings(
        cluster: try #require(ClusterName("test")),
        node: NodeID(1),
        folder: folder.path + "/n1",
        listen: try #require(NodeAddress("127.0.0.1:0"))
      )
      settings.store.segmentBytes = 4 << 20
      let process = try await NodeProcess<ReferenceParts>.open(settings, logger: journal.logger)
      let run = Task { try await process.run() }
      if round.isMultiple(of: 2) { try await Task.sleep(for: .milliseconds(20)) }
      run.cancel()
      await #expect(throws: Never.self, "round \(round)") { try await run.value }
      let troubles = journal.all.filter { $0.hasPrefix("error") || $0.hasPrefix("critical") }
      #expect(troubles == [], "round \(round)")
      #expect(journal.all.suffix(2) == ["info: ending: finishing what was asked", "info: ended"])
    }
    folder.remove()
  }
}
