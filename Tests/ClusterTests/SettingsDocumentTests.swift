// Goal: what documents say of settings and metrics is so. Method: the documents are read.
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import Testing

@Suite struct SettingsDocumentTests {
  private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")

  /// The rows of a document's table, whose first cell is a name in backticks.
  ///
  /// With `TRANSCRIPT_UPDATE=1` they are written anew first.
  private func rows(in file: String, now rows: [String]) throws -> [String] {
    let path = Self.docs.appending(path: file)
    var lines = try String(contentsOf: path, encoding: .utf8).split(
      separator: "\n",
      omittingEmptySubsequences: false
    ).map(String.init)
    if ProcessInfo.processInfo.environment["TRANSCRIPT_UPDATE"] == "1" {
      lines.removeAll { $0.hasPrefix("| `") }
      let head = try #require(lines.firstIndex { $0.hasPrefix("|---") })
      lines.insert(contentsOf: rows, at: head + 1)
      try lines.joined(separator: "\n").write(to: path, atomically: true, encoding: .utf8)
    }
    return lines.filter { $0.hasPrefix("| `") }
  }

  @Test func everySettingIsInTheTable() throws {
    let rows = SettingsReader.reference
    #expect(try self.rows(in: "settings.md", now: rows) == rows)
  }

  @Test func everyMetricIsInTheTable() throws {
    let rows = MetricCatalogue.rows
    #expect(try self.rows(in: "metrics.md", now: rows) == rows)
  }

  @Test func theExampleCanBe() async throws {
    let path = Self.docs.appending(path: "examples/node.json").path
    let settings = try await SettingsReader.read(file: path, environment: [:], flags: [:])
    #expect(settings.node == NodeID(1))
    #expect(settings.advertised == NodeAddress("n1.corfu.internal:7000"))
    #expect(
      settings.credentials?.key
        == Self.docs.appending(path: "examples/certificates/n1.key").path
    )
    #expect(settings.network.idleMax == .seconds(600))
    #expect(settings.store.segmentBytes == 64 << 20)
  }
}
