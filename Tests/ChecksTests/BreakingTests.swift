// Goal: the scripts that break a supplied node do, and those that nearly do are told why not.
// Method: the reference's script and a few others, each against all checks of its exercise.
import CorfuChecks
import Testing

@Suite struct BreakingTests {
  private func failing(_ checks: [Check]) -> [String] {
    checks.compactMap { check -> String? in
      do throws(CheckFailure) {
        _ = try check.run(seed: 1)
        return nil
      } catch {
        return "\(check.id): \(error.finding)"
      }
    }
  }

  @Test("The reference's scripts break what they should, and not the reference")
  func reference() {
    #expect(failing(SequencerBreakingChecks<SequencerBreaker>().checks) == [])
    #expect(failing(ChainBreakingChecks<ChainBreaker>().checks) == [])
  }

  @Test("Both halves of a network may be the other way round")
  func mirrored() {
    #expect(failing(ChainBreakingChecks<OtherHalves>().checks) == [])
  }

  @Test("A position that is handed out twice does no harm where nobody wrote")
  func nobodyWrote() {
    #expect(
      failing(SequencerBreakingChecks<NobodyWrites>().checks) == [
        "2.4.1: 4 was handed out twice, and nobody had written there: no harm was done"
      ]
    )
  }

  @Test("A quiet life breaks nothing")
  func quiet() {
    #expect(
      failing(SequencerBreakingChecks<Quiet>().checks) == [
        "2.4.1: the sequencer that saves its counter got away with it"
      ]
    )
    #expect(
      failing(ChainBreakingChecks<Quiet>().checks) == [
        "3.4.1: the undaunted writer got away with it"
      ]
    )
  }

  @Test("Whoever is not there cannot be cut off")
  func strangers() {
    let finding = "there are c1 and c2, and n1 and n2: nobody can cut c3 from n1"
    #expect(
      failing(ChainBreakingChecks<Strangers>().checks) == [
        "3.4.1: \(finding)", "3.4.2: \(finding)",
      ]
    )
  }
}

private enum OtherHalves: ChainBreaking {
  static var cuts: [NetworkCut] {
    [NetworkCut(writer: 2, unit: 1), NetworkCut(writer: 1, unit: 2)]
  }
}

private enum NobodyWrites: SequencerBreaking {
  static var script: [SequencerStep] { [.kill, .takeAndDie, .kill, .append] }
}

private enum Quiet: SequencerBreaking, ChainBreaking {
  static var script: [SequencerStep] { [.append, .append, .append, .append, .append] }
  static var cuts: [NetworkCut] { [] }
}

private enum Strangers: ChainBreaking {
  static var cuts: [NetworkCut] { [NetworkCut(writer: 3, unit: 1)] }
}
