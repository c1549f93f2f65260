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
    var summary = RunSummary<SequencerFault>()
    var shape = SequencerRun<Sequencer>.Shape()
    shape.restarts = true
    shape.events = 20...80
    for seed in options.range {
      // Plain tokens, a few streams, and more streams than are remembered.
      shape.streams = [0, 4, 9][Int(seed % 3)]
      shape.streamsMax = seed % 3 == 2 ? 4 : StreamTails.streamsMaxDefault
      let alone = SequencerRun<Sequencer>.run(seed: seed, shape: shape)
      var log = SequencedRun<Sequencer>.run(seed: seed, eventsMax: options.narrate ? 100_000 : 30)
      log.failure = alone.violations.first?.description ?? log.failure
      log.probes["token given"] = alone.tokens
      log.probes["reign begun"] = alone.reigns
      log.probes["refusal heard"] = alone.refusals
      log.probes["stream's end forgotten"] = alone.forgotten
      summary.take(log)
      if options.narrate {
        try output.line("seed \(seed), the sequencer alone:")
        for event in alone.events { try output.line("  " + event) }
        try output.line("seed \(seed), the log:")
        for event in log.events { try output.line("  " + event) }
      }
      guard let failure = log.failure else { continue }
      try output.line("seed \(seed) FAILED: \(failure)")
      try output.line("  again: corfu simulate sequencer --seed \(seed) --narrate")
    }
    for line in summary.lines { try output.line(line) }
    try output.flush()
    if summary.failed > 0 || !summary.isTelling { throw ExitCode(1) }
  }
}
