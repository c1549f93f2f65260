import ArgumentParser
import CorfuRepl
import CorfuSimulation
import CorfuStripeMirror

/// `corfu simulate mirrors`: chapter 3's log over many disks.
struct SimulateMirrorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mirrors",
    abstract: "Lives of a log over many disks: killed units, lost disks, power cuts of all."
  )

  @OptionGroup var options: SeedOptions

  func run() async throws {
    let output = Output.standardOutput()
    var summary = RunSummary<MirrorFault>(needing: MirrorFault.probesNeeded)
    var reads = 0
    let narrates = options.narrate
    try await SeedRange.forEach(options.range) { seed in
      let outcome = MirroredRun<ReferenceMirrorParts>.run(
        seed: seed,
        eventsMax: narrates ? 100_000 : 30
      )
      return (seed: seed, outcome: outcome)
    } take: { seed, outcome in
      summary.take(outcome)
      reads += outcome.reads
      if narrates {
        try output.line("seed \(seed):")
        for event in outcome.events { try output.line("  " + event) }
      }
      guard let failure = outcome.failure else { return }
      try output.line("seed \(seed) FAILED: \(failure)")
      try output.line("  again: corfu simulate mirrors --seed \(seed) --narrate")
    }
    try output.line("\(reads) slots read")
    for line in summary.lines { try output.line(line) }
    try output.flush()
    if summary.failed > 0 || !summary.isTelling { throw ExitCode(1) }
  }
}
