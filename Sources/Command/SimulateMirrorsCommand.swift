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

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds: S, S+1, …")
  var seeds: UInt64 = 1

  @Flag(help: "Tell what happens in each run.")
  var narrate = false

  func run() async throws {
    let output = Output.standardOutput()
    var failed = 0
    var appends = 0
    var reads = 0
    var probes: [String: Int] = [:]
    for seed in seed..<seed + max(1, seeds) {
      let outcome = MirroredRun<ReferenceMirrorParts>.run(
        seed: seed,
        eventsMax: narrate ? 100_000 : 30
      )
      appends += outcome.acknowledged
      reads += outcome.reads
      for (probe, count) in outcome.probes { probes[probe, default: 0] += count }
      if narrate {
        try output.line("seed \(seed):")
        for event in outcome.events { try output.line("  " + event) }
      }
      guard let failure = outcome.failure else { continue }
      failed += 1
      try output.line("seed \(seed) FAILED: \(failure)")
      try output.line("  again: corfu simulate mirrors --seed \(seed) --narrate")
    }
    try output.line("\(appends) entries acknowledged, \(reads) slots read")
    let seen = probes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    try output.line("seen: " + seen.joined(separator: ", "))
    try output.line("\(max(1, seeds) - UInt64(failed)) passed, \(failed) failed")
    try output.flush()
    if failed > 0 { throw ExitCode(1) }
  }
}
