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

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds: S, S+1, …")
  var seeds: UInt64 = 1

  @Flag(help: "Tell what happens in each run.")
  var narrate = false

  func run() async throws {
    let output = Output.standardOutput()
    var failed = 0
    var tokens = 0
    var appends = 0
    var shape = SequencerRun<Sequencer>.Shape()
    shape.restarts = true
    shape.events = 20...80
    for seed in seed..<seed + max(1, seeds) {
      // Plain tokens, a few streams, and more streams than are remembered.
      shape.streams = [0, 4, 9][Int(seed % 3)]
      shape.streamsMax = seed % 3 == 2 ? 4 : StreamTails.streamsMaxDefault
      let alone = SequencerRun<Sequencer>.run(seed: seed, shape: shape)
      let log = SequencedRun<Sequencer>.run(seed: seed, eventsMax: narrate ? 100_000 : 30)
      tokens += alone.tokens
      appends += log.acknowledged
      if narrate {
        try output.line("seed \(seed), the sequencer alone:")
        for event in alone.events { try output.line("  " + event) }
        try output.line("seed \(seed), the log:")
        for event in log.events { try output.line("  " + event) }
      }
      guard let failure = alone.violations.first?.description ?? log.failure else { continue }
      failed += 1
      try output.line("seed \(seed) FAILED: \(failure)")
      try output.line("  again: corfu simulate sequencer --seed \(seed) --narrate")
    }
    try output.line("\(tokens) tokens given, \(appends) entries acknowledged")
    try output.line("\(max(1, seeds) - UInt64(failed)) passed, \(failed) failed")
    try output.flush()
    if failed > 0 { throw ExitCode(1) }
  }
}
