import ArgumentParser
import CorfuBench

/// `corfu bench transactions`: objects and transactions.
struct TransactionBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transactions",
    abstract: "Measure objects and transactions: registers, maps, playing a log.",
    discussion: """
      Reads and writes of a register on one view and on up to 8, transactions that read three keys \
      and write three, from 1 to 8 programs, within a map and across the maps of several programs, \
      and opening a map of a million updates from the log. Writes into a fresh folder, on the disk \
      that is to be measured, and removes it.
      """
  )

  @Flag(help: "Do little of everything, once: to see that it works, in some seconds.")
  var quick = false

  @Option(
    help: ArgumentHelp(
      "Only what has this in its name, such as 'of 1, keys alike' or 'playing': for profilers.",
      valueName: "text"
    )
  )
  var only: String?

  @OptionGroup var time: RoundsBenchOptions
  @OptionGroup var options: FolderBenchOptions
  @OptionGroup var plots: PlotOptions

  func run() async throws {
    try await options.report(plots: plots.folder) { folder, progress in
      var rounds = time.rounds(progress)
      if quick {
        rounds.count = 1
        rounds.duration = .milliseconds(100)
      }
      let sizes = quick ? TransactionBench.Sizes.quick : TransactionBench.Sizes()
      let bench = TransactionBench(in: folder, rounds: rounds, sizes: sizes)
      guard let only else { return try await bench.run() }
      guard let report = try await bench.run(only: only) else {
        throw ValidationError("nothing that is measured has '\(only)' in its name")
      }
      return report
    }
  }
}
