// Goal: the store's simulation finds what it should, says the same twice, and stays clean. Method:
// a few seeds in this build; thousands run in the release build (`make simulate`).
import CorfuGlobalLog
import CorfuSimulation
import Testing

struct StoreRunTests {
  @Test("A seed tells the same story twice", arguments: 1...6 as ClosedRange<UInt64>)
  func deterministic(seed: UInt64) {
    let first = StoreRun.run(seed: seed)
    let second = StoreRun.run(seed: seed)
    #expect(first.fingerprint == second.fingerprint)
    #expect(first.events == second.events)
    #expect(first.acknowledged == second.acknowledged)
  }

  @Test("Seeds that say nothing are told from seeds that do")
  func vacuity() {
    var outcome = StoreRun.run(seed: 1)
    var summary = SeedSummary()
    summary.take(outcome)
    #expect(summary.gaps == [])
    outcome.counts = SimulatedDevice(world: World(seed: 1)).counts
    summary.take(outcome)
    #expect(summary.gaps == ["seed 1 had fewer than 20 faults of 3 kinds"])

    // A hundred seeds that are all alike lack whatever this one lacks.
    let plenty = StoreRun.run(seed: 1)
    var many = SeedSummary()
    for _ in 0..<100 { many.take(plenty) }
    #expect(!many.gaps.contains { $0.contains("500 appends") || $0.contains("powerCut") })
    #expect(many.gaps.contains { $0.contains("struck in too few seeds: 0") })
    outcome = plenty
    outcome.appends = 499
    outcome.probes = [:]
    for _ in 0..<10 { many.take(outcome) }
    #expect(many.gaps.contains("too few seeds had 500 appends: 100"))
    var none = SeedSummary()
    for _ in 0..<100 { none.take(outcome) }
    #expect(none.gaps.contains("scrubbed was never seen"))
  }

  @Test(
    "Every kind of damage to a small folder, here and there",
    arguments: RotSweep.Ending.allCases
  )
  func damage(ending: RotSweep.Ending) throws {
    let sweep = try RotSweep(ending: ending, bytes: 16 << 10, seed: 7)
    for kind in RotSweep.Kind.allCases {
      let report = try sweep.run(sweep.damages(kind, step: 211))
      #expect(report.damages > (kind == .removals ? 3 : 10))
      #expect(report.violations == [])
    }
  }

  @Test(
    "A bad sector at the end of a killed log, wherever in a sector that end is",
    arguments: [1, 5, 15, 24, 25, 48] as [UInt64]
  )
  func badSectors(seed: UInt64) throws {
    let sweep = try RotSweep(ending: .killed, bytes: 64 << 10, seed: seed)
    for kind in [RotSweep.Kind.zeros, .misdirections] {
      #expect(try sweep.run(sweep.damages(kind)).violations == [])
    }
  }

  @Test("The history flags every kind of broken promise")
  func theHistoryCanFail() {
    let entry = Entry(
      mark: EntryMark(client: ClientID(high: 1, low: 2), sequence: 3),
      payload: [4]
    )
    func violation(_ body: (StoreHistory) -> Void) -> String? {
      let history = StoreHistory()
      history.began(.data(entry), at: .zero)
      history.acknowledged(.data(entry), at: .zero)
      body(history)
      return history.violation?.description
    }
    #expect(violation { $0.saw(.data(entry), at: .zero) } == nil)
    #expect(violation { $0.saw(.empty, at: .zero) }?.contains("empty") == true)
    #expect(violation { $0.saw(.junk, at: .zero) }?.contains("stood") == true)
    #expect(violation { $0.saw(.trimmed, at: .zero) }?.contains("nobody asked") == true)
    #expect(violation { $0.saw(.data(entry), at: Position(1)) }?.contains("nobody wrote") == true)
    #expect(violation { $0.saw(.corrupt(.zero), at: .zero) }?.contains("no damage") == true)
    #expect(violation { $0.acknowledged(.junk, at: .zero) }?.contains("acknowledged") == true)
    #expect(
      violation {
        $0.saw(tail: Position(5))
        $0.saw(tail: Position(4))
      }?.contains("went back") == true
    )
    #expect(
      violation {
        $0.beganTrim(.zero)
        $0.trimmed(.zero)
        $0.saw(.data(entry), at: .zero)
      }?.contains("trimmed") == true
    )
  }
}
