// Goal: nothing acknowledged or seen is lost while units are killed and join again, segments are
// compacted, disks are lost and the power of all goes at once; and the replicas of a chain end
// alike. Method: seeds; each wrong part in the reference's place must be found by them.
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Testing

@Suite struct MirroredRunTests {
  @Test(arguments: 0..<3)
  func seedsPass(part: UInt64) {
    var probes: [String: Int] = [:]
    var faults: [MirrorFault: Int] = [:]
    var acknowledged = 0
    // Few, unoptimised: `make test` runs hundreds of the optimised program.
    for seed in part * 15..<(part + 1) * 15 {
      let outcome = MirroredRun<ReferenceMirrorParts>.run(seed: seed)
      #expect(
        outcome.failure == nil,
        "seed \(seed): \(outcome.failure ?? "")\n\(outcome.events.joined(separator: "\n"))"
      )
      acknowledged += outcome.acknowledged
      for (probe, count) in outcome.probes { probes[probe, default: 0] += count }
      faults.merge(outcome.faults) { $0 + $1 }
    }
    #expect(acknowledged > 500)
    for fault in [MirrorFault.kill, .compaction] {
      #expect(faults[fault, default: 0] > 0, "\(fault) did not happen")
    }
    #expect(probes["layout changed under an operation", default: 0] > 0)
    #expect(probes["join", default: 0] + probes["restart of one that is out", default: 0] > 0)
  }

  @Test func seedGivesTheSameRunTwice() {
    for seed: UInt64 in 1...5 {
      let one = MirroredRun<ReferenceMirrorParts>.run(seed: seed)
      #expect(MirroredRun<ReferenceMirrorParts>.run(seed: seed).fingerprint == one.fingerprint)
    }
  }

  @Test func wrongPartsAreFound() {
    #expect(isFound(TailFirst.self))
    #expect(isFound(Hasty.self))
    #expect(isFound(Forgetful.self))
    #expect(isFound(HeadOnly.self))
    #expect(isFound(Showing.self))
    #expect(isFound(Relative.self))
  }

  private func isFound<Parts: MirrorParts>(_ parts: Parts.Type) -> Bool {
    (0..<300).contains { MirroredRun<Parts>.run(seed: $0).failure != nil }
  }
}

private enum TailFirst: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = TailFirstWriter
  typealias Reader = ChainReader
}

private enum Hasty: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = HastyWriter
  typealias Reader = ChainReader
}

private enum Forgetful: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = ForgetfulWriter
  typealias Reader = ChainReader
}

private enum HeadOnly: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = ChainWriter
  typealias Reader = HeadReader
}

private enum Showing: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = ChainWriter
  typealias Reader = ShowingReader
}

private enum Relative: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = ShiftingTurns
  typealias Writer = ChainWriter
  typealias Reader = ChainReader
}
