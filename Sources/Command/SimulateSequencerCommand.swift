import ArgumentParser
import CorfuRepl
import CorfuSequencer
import CorfuSimulation

/// `corfu simulate sequencer`: tokens, reigns, and chapter 2's log.
struct SimulateSequencerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequencer",
    abstract: "Lives of a sequencer: restarts, late and repeated messages, and a log below it."
  )

  @OptionGroup var options: SeedOptions

  func run() async throws {
    let output = Output.standardOutput()
    var summary = RunSummary<SequencerFault>(needing: SequencerFault.probesNeeded)
    let narrates = options.narrate
    try await SeedRange.forEach(options.range) { seed in
      Self.lives(seed: seed, eventsMax: narrates ? 100_000 : 30)
    } take: { lives in
      summary.take(lives.log)
      if narrates {
        try output.line("seed \(lives.log.seed), the sequencer alone:")
        for event in lives.alone { try output.line("  " + event) }
        try output.line("seed \(lives.log.seed), the log:")
        for event in lives.log.events { try output.line("  " + event) }
      }
      guard let failure = lives.log.failure else { return }
      try output.line("seed \(lives.log.seed) FAILED: \(failure)")
      try output.line("  again: corfu simulate sequencer --seed \(lives.log.seed) --narrate")
    }
    for line in summary.lines { try output.line(line) }
    try output.flush()
    if summary.failed > 0 || !summary.isTelling { throw ExitCode(1) }
  }
  /// A seed of the sequencer alone and one of the log over it, counted as one.
  private static func lives(
    seed: UInt64,
    eventsMax: Int
  ) -> (log: SequencedRun<Sequencer>.Outcome, alone: [String]) {
    var shape = SequencerRun<Sequencer>.Shape()
    shape.restarts = true
    shape.events = 20...80
    // Plain tokens, a few streams, and more streams than are remembered.
    shape.streams = [0, 4, 9][Int(seed % 3)]
    shape.streamsMax = seed % 3 == 2 ? 4 : StreamTails.streamsMaxDefault
    let alone = SequencerRun<Sequencer>.run(seed: seed, shape: shape)
    var log = SequencedRun<Sequencer>.run(seed: seed, eventsMax: eventsMax)
    log.failure = alone.violations.first?.description ?? log.failure
    log.probes["token given"] = alone.tokens
    log.probes["reign begun"] = alone.reigns
    log.probes["refusal heard"] = alone.refusals
    log.probes["stream's end forgotten"] = alone.forgotten
    return (log, alone.events)
  }
}
