import Testing

/// Goal: a text that quotes what was not measured is found, and one that rounds is not.
///
/// Method: as in ``PlantedTests``, on a small document of measurements.
@Suite struct PlantedQuoteTests {
  private let measured = MeasuredFigures(
    text: """
      # Performance
      ## A cluster, and more
      | append | 235K/s (±29 %) | 0.41 × Redis |
      ```
      # no heading   31.4 MB   9.79 µs   1.00 ms
      ```
      ## Deaths
      818 ms, 816 ms, 1,024 at a time
      """
  )

  private func findings(_ text: String, in path: String = "README.md") -> [Finding] {
    quoteFindings(in: MarkdownSource(path: path, text: text), from: measured)
  }

  @Test(
    arguments: [
      ("0.96 s", ["0.96 s"]), ("235,000 appends, 64 at a time", ["235,000"]),
      ("n1 has 4 KiB and 128 B", []), ("1.14 | 1.5 × | 3 %", ["1.14", "1.5 ×"]),
      ("2 stripes, 3 syncs, 4 K", ["4 K"]), ("271K / 1.31M/s", ["271 K", "1.31 M/s"]),
      ("818, 9 ms: R21, v1.2", ["9 ms"]), ("1.14 GB/s in 5 rounds", ["1.14 GB/s"]),
    ] as [(String, [String])]
  )
  func figuresAreNumbersThatWereMeasured(text: String, expected: [String]) {
    #expect(figures(in: text[...], line: 1).map(\.text) == expected)
  }

  @Test(arguments: [
    "235,000 a second ([p](docs/performance.md#a-cluster-and-more))",
    "[p](docs/performance.md#a-cluster-and-more): 31 MB, 9.8 µs, 0.4 × and 240K/s\n\n| 1 ms |",
    "[p](docs/performance.md#deaths)\n\n0.82 s, with 1,024\n\n## Other\n\n77 ms",
    "77 ms\n\n0.82 s [p](docs/performance.md#deaths)",
    "[a](docs/performance.md#deaths) 0.82 s\n[b](docs/performance.md#a-cluster-and-more) 31 MB",
    "all is in [p](docs/performance.md)\n\n77 ms",
  ])
  func whatWasMeasuredMayBeRounded(text: String) {
    #expect(findings(text) == [])
  }

  @Test(arguments: [
    // Another figure; one of another section, or of another kind; one that is rounded wrongly.
    ("142,000 a second ([p](docs/performance.md#a-cluster-and-more))", 1),
    ("[p](docs/performance.md#deaths): 31 MB", 1),
    ("[p](docs/performance.md#a-cluster-and-more): 31 ms", 1),
    ("[p](docs/performance.md#a-cluster-and-more): 31.40 MB, 31.5 MB", 1),
    ("[p](docs/performance.md#deaths)\n\n| a | 0.71 s |\n|---|---|\n\nand 0.03 s", 3),
    // Of which section nobody says.
    ("142,000 a second ([p](docs/performance.md))", 1),
  ])
  func whatWasNotMeasuredIsFound(text: String, line: Int) throws {
    let findings = findings(text)
    #expect(try #require(findings.first).line == line)
    #expect(findings.allSatisfy { $0.message.contains("quote docs/performance.md as it is") })
  }

  @Test func onlyTheReadmeAndTheChaptersQuote() {
    let text = "0.71 s ([p](../docs/performance.md#deaths))"
    #expect(findings(text, in: "Chapters/09-more/README.md").count == 1)
    #expect(findings(text, in: "docs/testing.md") == [])
  }
}
