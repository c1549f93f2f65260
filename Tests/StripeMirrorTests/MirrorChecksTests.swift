// Goal: the checks of chapter 3's exercises pass what is right and fail what is wrong, for the
// reason they name. Method: the reference, many seeds; wrong parts, whose broken promises are
// listed.
import CorfuChecks
import CorfuGlobalLog
import CorfuStripeMirror
import Testing

@Suite struct MirrorChecksTests {
  private static let reference =
    PositionMappingChecks<RoundRobin>().checks + ChainWritingChecks<ChainWriter>().checks
    + ChainReadingChecks<ChainReader>().checks + ChainSharingChecks<ChainShares>().checks

  @Test(arguments: reference.indices)
  func referencePasses(index: Int) throws {
    try Self.reference[index].run(seeds: 1..<31)
  }

  @Test(arguments: reference.indices)
  func seedGivesTheSameTraceTwice(index: Int) throws {
    for seed: UInt64 in 1...3 {
      let one = try Self.reference[index].run(seed: seed)
      #expect(try Self.reference[index].run(seed: seed) == one)
      #expect(!one.events.isEmpty)
    }
  }

  @Test func wrongMappingsAreCaught() {
    #expect(failures(PositionMappingChecks<OneChain>().checks) == ["3.1.2"])
    #expect(failures(PositionMappingChecks<SpanTurns>().checks) == ["3.1.3"])
    #expect(failures(PositionMappingChecks<LastSpan>().checks).contains("3.1.1"))
  }

  @Test func wrongWritersAreCaught() {
    #expect(failures(ChainWritingChecks<TailFirstWriter>().checks).contains("3.2.1"))
    #expect(failures(ChainWritingChecks<HastyWriter>().checks).contains("3.2.2"))
    #expect(failures(ChainWritingChecks<ForgetfulWriter>().checks).contains("3.2.3"))
    #expect(failures(ChainWritingChecks<TimidWriter>().checks).contains("3.2.4"))
    #expect(failures(ChainWritingChecks<OverlookingWriter>().checks) == ["3.2.5"])
    #expect(failures(ChainWritingChecks<HopefulWriter>().checks) == ["3.2.6", "3.2.8"])
    #expect(failures(ChainWritingChecks<OneByOneWriter>().checks) == ["3.2.7"])
    #expect(failures(ChainWritingChecks<ForgettingTheHead>().checks).contains("3.2.4"))
    #expect(failures(ChainWritingChecks<TrustingWriter>().checks) == ["3.2.8"])
    #expect(failures(ChainWritingChecks<AnxiousWriter>().checks) == ["3.2.8"])
  }

  @Test func wrongReadersAreCaught() {
    #expect(failures(ChainReadingChecks<TailOnlyReader>().checks).contains("3.3.1"))
    #expect(failures(ChainReadingChecks<ShowingReader>().checks).contains("3.3.2"))
    #expect(failures(ChainReadingChecks<HeadReader>().checks).contains("3.3.3"))
    #expect(failures(ChainReadingChecks<HalfTrimReader>().checks).contains("3.3.4"))
    #expect(failures(ChainReadingChecks<AskingAllReader>().checks) == ["3.3.4"])
    #expect(failures(ChainReadingChecks<PiecemealReader>().checks) == ["3.3.4"])
    #expect(failures(ChainReadingChecks<AskingTwiceReader>().checks) == ["3.3.4"])
    #expect(failures(ChainReadingChecks<BlindReader>().checks) == ["3.3.5"])
  }

  @Test("A batch that is shared out as it comes is right, and over the budget")
  func dearSharesAreCaught() {
    #expect(failures(ChainSharingChecks<SingleShares>().checks) == ["3.5.3"])
    #expect(failures(ChainSharingChecks<SpanShares>().checks) == ["3.5.3"])
    #expect(failures(ChainSharingChecks<LastFirstShares>().checks) == ["3.5.2"])
    #expect(failures(ChainSharingChecks<HalfShares>().checks).contains("3.5.1"))
  }

  @Test("What a batch cost is told, and is the budget with our own shares")
  func costsAreTold() throws {
    let check = try #require(ChainSharingChecks<ChainShares>().checks.last)
    var costs: [Cost] = []
    try check.run(seeds: 1..<31, onCost: { costs.append($0) })
    #expect(costs.count == 30)
    #expect(costs.allSatisfy { $0.count == $0.budget && $0.isWithinBudget })
  }

  /// The checks that fail.
  private func failures(_ checks: [Check]) -> [String] {
    checks.filter { check in
      do throws(SeedFailure) {
        try check.run(seeds: 1..<31)
        return false
      } catch {
        return true
      }
    }.map(\.id)
  }
}
