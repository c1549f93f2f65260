import ArgumentParser
import CorfuGlobalLog
import CorfuRepl
import CorfuSimulation

/// `corfu simulate`: the product under faults, from seeds.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run the log under simulated faults and check what it promised.",
    discussion: """
      Every run is drawn from its seed, so a failure can be seen again: 'corfu simulate --seed S \
      --narrate'. A thousand seeds take half a minute on two cores.
      """,
    subcommands: [
      SeedsCommand.self, SimulateSequencerCommand.self, SimulateMirrorsCommand.self,
      SimulateClusterCommand.self, RotCommand.self, InjectCommand.self,
    ],
    defaultSubcommand: SeedsCommand.self
  )
}

/// `corfu simulate seeds`: a store that lives, dies and lives again.
struct SeedsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seeds",
    abstract: "Lives of a store: power cuts, kills, failing syncs, full disks. The default."
  )

  @OptionGroup var options: SeedOptions

  func run() async throws {
    let output = Output.standardOutput()
    var summary = SeedSummary()
    let eventsMax = options.narrate ? 100_000 : 30
    try await SeedRange.forEach(options.range) { seed in
      StoreRun.run(seed: seed, eventsMax: eventsMax)
    } take: { outcome in
      try tell(outcome, to: output)
      summary.take(outcome)
    }
    for line in summary.lines { try output.line(line) }
    try output.flush()
    if summary.failed > 0 || !summary.gaps.isEmpty { throw ExitCode(1) }
  }

  private func tell(_ outcome: StoreRun.Outcome, to output: Output) throws {
    let seed = outcome.seed
    if options.narrate {
      try output.line("seed \(seed): \(outcome.configuration)")
      for event in outcome.events { try output.line("  " + event) }
      try output.line("  fingerprint \(outcome.fingerprint)")
    }
    guard let failure = outcome.failure else { return }
    try output.line("seed \(seed) FAILED: \(failure)")
    try output.line("  drawn: \(outcome.configuration)")
    if !options.narrate {
      try output.line("  the last events:")
      for event in outcome.events { try output.line("    " + event) }
    }
    try output.line("  again: corfu simulate --seed \(seed) --narrate")
  }
}

/// `corfu simulate rot`: damage to a folder at rest.
struct RotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rot",
    abstract: "Flip bits, cut files, spoil sectors of a folder of 64 KiB, one at a time.",
    discussion: "With --step 1 every byte has its turn: that takes one to three minutes."
  )

  @Option(help: "How many bytes apart the damages are.")
  var step = 1

  @Option(help: "What the folder is drawn from.")
  var seed: UInt64 = 7

  func validate() throws {
    if step < 1 { throw ValidationError("--step begins at 1") }
  }

  func run() async throws {
    let output = Output.standardOutput()
    var passed = 0
    var failed = 0
    for ending in RotSweep.Ending.allCases {
      let sweep = try RotSweep(ending: ending, bytes: 64 << 10, seed: seed)
      for kind in RotSweep.Kind.allCases {
        let report = try await Self.run(sweep, sweep.damages(kind, step: step))
        passed += report.damages - report.violations.count
        failed += report.violations.count
        try output.line(
          "\(kind) of a folder that was \(ending): \(report.damages) tried, "
            + "\(report.refused) not opened, "
            + "\(report.errors) reads answered 'corrupt' or 'unknown'"
        )
        for violation in report.violations { try output.line("  FAILED: \(violation)") }
        try output.flush()
      }
    }
    try output.line("\(passed) passed, \(failed) failed")
    try output.flush()
    if failed > 0 { throw ExitCode(1) }
  }

  /// Tries damages on as many cores as there are: none has to do with another.
  private static func run(
    _ sweep: RotSweep,
    _ damages: [RotSweep.Damage]
  ) async throws -> RotSweep.Report {
    let parts = 16
    return try await withThrowingTaskGroup(of: RotSweep.Report.self) { group in
      for part in 0..<parts {
        let begin = damages.count * part / parts
        let end = damages.count * (part + 1) / parts
        group.addTask { try sweep.run(Array(damages[begin..<end])) }
      }
      var report = RotSweep.Report()
      for try await one in group { report.add(one) }
      return report
    }
  }
}

/// `corfu simulate inject`: one fault at every call to the disk.
struct InjectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inject",
    abstract: "Strike one fault at the first call to the disk, then at the second, and so on."
  )

  @Option(help: "How many seeds, each struck at every call.")
  var seeds: UInt64 = 3

  func validate() throws {
    if seeds == 0 { throw ValidationError("--seeds takes 1 or more") }
  }

  func run() async throws {
    let output = Output.standardOutput()
    var passed = 0
    var failed = 0
    for call in DiskCall.allCases where call.changesDisk {
      for effect in [SimulatedDevice.Effect.error(.failed("injected")), .powerCut, .kill] {
        try await SeedRange.forEach(1..<seeds + 1) { seed in
          Self.strike(effect, at: call, seed: seed)
        } take: { tried in
          passed += tried.passed
          failed += tried.failures.count
          for failure in tried.failures { try output.line(failure) }
        }
      }
    }
    try output.line("\(passed) passed, \(failed) failed")
    try output.flush()
    if failed > 0 { throw ExitCode(1) }
  }
  /// Strikes one seed at its first call, its second, and so on, until there is none left.
  private static func strike(
    _ effect: SimulatedDevice.Effect,
    at call: DiskCall,
    seed: UInt64
  ) -> (passed: Int, failures: [String]) {
    var passed = 0
    for number in 1... {
      let injection = StoreRun.Injection(effect, at: number, of: call)
      let outcome = StoreRun.run(seed: seed, injecting: injection)
      if let failure = outcome.failure {
        return (passed, ["seed \(seed), \(injection) FAILED: \(failure)"])
      }
      passed += 1
      if outcome.wasMissed { break }
    }
    return (passed, [])
  }
}
