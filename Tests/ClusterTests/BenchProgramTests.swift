// Goal: 'corfu bench cluster' measures every load that it tells of, on a cluster of real processes.
// Method: its short form, as a document for programs; no figure is judged.
import Foundation
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(5))
)
struct BenchProgramTests {
  /// What of its document is looked at.
  private struct Document: Decodable {
    struct Section: Decodable {
      let title: String
      let figures: [Figure]
    }

    struct Figure: Decodable {
      let name: String
      let value: Double
      let ratio: Double?
    }

    let notes: [String]
    let sections: [Section]

    func figures(_ title: String) -> [Figure] {
      sections.filter { $0.title.hasPrefix(title) }.flatMap(\.figures)
    }
  }

  @Test func theShortFormMeasuresEveryLoad() async throws {
    let folder = try TestFolder()
    let bench = try await Programs.corfu([
      "bench", "cluster", "--quick", "--json", "--data", folder.path, "--plots",
      folder.path + "/plots",
    ])
    #expect(bench.status == 0, "\(bench.errors)")
    let document = try JSONDecoder().decode(Document.self, from: Data(bench.output.utf8))
    #expect(document.notes.contains { $0.hasPrefix("small sizes") }, "\(document.notes)")
    for figure in document.sections.flatMap(\.figures) {
      // In so short a time there may have been no append besides.
      let isSure = !figure.name.hasSuffix("appends meanwhile")
      #expect(figure.value > 0 || !isSure, "\(figure)")
    }
    #expect(document.figures("Tokens").count == 4)
    #expect(document.figures("Append, 2 stripes of 2").count == 4)
    #expect(document.figures("Append, 128 B, clients").count == 2)
    #expect(document.figures("Reads and appends of 4 KiB together").count == 6)
    #expect(document.figures("Random reads of 4 KiB, 1 at a time").count == 5)
    let reads = document.figures("Read, 4 KiB").map(\.name)
    #if os(Linux)
    #expect(reads.last == "random, 64 at a time, from the disk", "\(reads)")
    #endif
    #expect(reads.count >= 2)
    // The parts are the whole.
    let mixes = document.figures("Reads and appends of 4 KiB together").map(\.value)
    for (whole, parts) in [(mixes[0], mixes[1] + mixes[2]), (mixes[3], mixes[4] + mixes[5])] {
      #expect(abs(whole - parts) < 1e-6 * whole, "\(mixes)")
    }
    let plots = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/plots")
    for name in ["append-throughput", "mixed", "reads-beside-writers"] {
      #expect(plots.contains("\(name).svg"), "\(plots)")
    }
    // Nothing is left of the cluster.
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left == ["plots"])
    folder.remove()
  }

  @Test func tokensOnARawConnectionAreALoadOfTheirOwn() async throws {
    let folder = try TestFolder()
    let load = try await Programs.corfu([
      "bench", "load", "raw-tokens", "--seconds", "1", "--data", folder.path,
    ])
    #expect(load.status == 0, "\(load.errors)")
    #expect(load.output.contains("/s; processor time for each: client"), "\(load.output)")
    folder.remove()
  }
}
