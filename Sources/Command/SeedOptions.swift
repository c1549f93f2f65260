import ArgumentParser

/// Which seeds are run, and how much is told of them.
struct SeedOptions: ParsableArguments {
  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds: S, S+1, …")
  var seeds: UInt64 = 1

  @Flag(help: "Tell what happens in each run.")
  var narrate = false

  /// The seeds, in order.
  var range: Range<UInt64> { seed..<seed + seeds }

  func validate() throws {
    if seeds == 0 { throw ValidationError("--seeds takes 1 or more") }
    if seed.addingReportingOverflow(seeds).overflow {
      throw ValidationError("--seed and --seeds together go beyond \(UInt64.max)")
    }
  }
}
