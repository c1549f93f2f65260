import ArgumentParser
import CorfuRepl
import CorfuSimulation

/// `corfu simulate cluster`: stages 5 to 7 under everything that the fault model knows.
struct SimulateClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "A cluster in one process: crashes, power cuts, partitions, seals, dead clients.",
    discussion: """
      Every run has two phases: in the first anything may fail, and nothing may be lost; then the \
      faults end, and the log must go on, complete and the same on all replicas.
      """
  )

  @OptionGroup var options: SeedOptions

  @Option(
    help: "5, where a hand changes the layout, 6, where a majority decides it, or 7, with objects."
  )
  var stage = 5

  @Option(
    help: "What is to happen more often: \(ClusterFocus.names).",
    transform: ClusterFocus.init(argument:)
  )
  var focus: ClusterFocus?

  func validate() throws {
    guard (5...7).contains(stage) else {
      throw ValidationError("there are clusters at stages 5 to 7, not at \(stage)")
    }
  }

  func run() async throws {
    let output = Output.standardOutput()
    var summary = RunSummary<ClusterFault>(
      expecting: ClusterFault.faults(of: stage),
      needing: ClusterRun.probesNeeded(in: stage)
    )
    let (stage, focus, narrates) = (stage, focus, options.narrate)
    try await SeedRange.forEach(options.range) { seed in
      ClusterRun.run(
        seed: seed,
        stage: stage,
        focus: focus,
        narrates: narrates,
        eventsMax: narrates ? 1_000_000 : 0
      )
    } take: { outcome in
      summary.take(outcome)
      try tell(outcome, to: output)
    }
    for line in summary.lines { try output.line(line) }
    try output.flush()
    if summary.failed > 0 || !summary.isTelling { throw ExitCode(1) }
  }
  private func tell(_ outcome: ClusterRun.Outcome, to output: Output) throws {
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
      // The same again, to hear how it came to that.
      try output.line("  the last events:")
      let again = ClusterRun.run(seed: seed, stage: stage, focus: focus, narrates: true)
      for event in again.events { try output.line("    " + event) }
    }
    let focused = focus.map { " --focus \($0)" } ?? ""
    try output.line(
      "  again: corfu simulate cluster --stage \(stage)\(focused) --seed \(seed) --narrate"
    )
    try output.flush()
  }
}

extension ClusterFocus {
  fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  fileprivate init(argument: String) throws {
    guard let focus = Self(rawValue: argument) else {
      throw ValidationError("it is one of \(Self.names), not '\(argument)'")
    }
    self = focus
  }
}
