import ArgumentParser
import CorfuBench

/// `corfu bench transactions`: objects and transactions.
struct TransactionBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transactions",
    abstract: "Measure objects and transactions: registers, maps, playing a log.",
    discussion: """
      Reads and writes of a register on one view and on several, transactions that read three keys \
      and write three, from 1 to 8 programs, and opening a map from the log. Writes into a fresh \
      folder, on the disk that is to be measured, and removes it.
      """
  )

  @OptionGroup var time: RoundsBenchOptions
  @OptionGroup var options: FolderBenchOptions

  func run() async throws {
    try await options.report { folder, progress in
      try await TransactionBench(in: folder, rounds: time.rounds(progress)).run()
    }
  }
}
