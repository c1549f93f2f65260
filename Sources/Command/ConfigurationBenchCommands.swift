import ArgumentParser
import CorfuBench

// What chapter 6 measures.

/// Where the benchmarks of chapter 6 write, and what they print.
struct FolderBenchOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  /// Runs a benchmark in a fresh folder, prints its report, and writes its plots to a folder, if
  /// one is given.
  func report(
    plots: String? = nil,
    _ measure: (BenchFolder, BenchProgress) async throws -> Report
  ) async throws {
    let progress = BenchProgress()
    do {
      let output = try BenchOutput(json: json, plots: plots)
      let report = try await BenchFolder.with(in: parent) { try await measure($0, progress) }
      progress.clear()
      try output.write(report)
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// How long the benchmarks of chapter 6 run that go in rounds.
struct RoundsBenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 3

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
  }

  func rounds(_ progress: BenchProgress) -> Rounds {
    var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
    rounds.settle = { BenchFolder.writeBack() }
    return rounds
  }
}

/// `corfu bench paxos-per-entry`: agreeing on every entry, beside a token and a chain.
struct PaxosBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paxos-per-entry",
    abstract: "Measure a log whose acceptors agree on every entry, beside a token and a chain.",
    discussion: """
      Messages, syncs, latency and rate: with both phases of Paxos for each entry, with a stable \
      leader, with batches. Writes into a fresh folder, on the disk that is to be measured, and \
      removes it.
      """
  )

  @OptionGroup var time: RoundsBenchOptions
  @OptionGroup var options: FolderBenchOptions

  func run() async throws {
    try await options.report { folder, progress in
      try await PaxosBench(in: folder, rounds: time.rounds(progress)).run()
    }
  }
}

/// `corfu bench reconfiguration`: how long a change of the layout takes.
struct ReconfigurationBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconfiguration",
    abstract: "Measure changes of the layout, from their beginning to the next append.",
    discussion: """
      A unit is dead and there is a spare; the sequencer is dead, with no stream, a thousand or \
      a million of them; nobody is dead. Writes into a \
      fresh folder, on the disk that is to be measured, and removes it.
      """
  )

  @Option(
    help: ArgumentHelp("How many units keep the log, in chains of two.", valueName: "n,n,…"),
    transform: { text in
      let numbers = text.split(separator: ",").compactMap { Int($0) }
      guard !numbers.isEmpty, numbers.allSatisfy({ (4...128).contains($0) && $0 % 2 == 0 }) else {
        throw ValidationError("give even numbers from 4 to 128, as in 4,32")
      }
      return numbers
    }
  )
  var units = [4, 32]

  @OptionGroup var time: RoundsBenchOptions
  @OptionGroup var options: FolderBenchOptions

  func run() async throws {
    try await options.report { folder, progress in
      try await ReconfigurationBench(in: folder, rounds: time.rounds(progress), units: units).run()
    }
  }
}

/// `corfu bench layouts`: how many bytes layouts take.
struct LayoutBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layouts",
    abstract: "Compute how many bytes layouts take, normally and at worst.",
    discussion: "Nothing is measured: the figures are the same on every machine."
  )

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let progress = BenchProgress()
    do {
      let report = try LayoutBench { progress.show($0) }.run()
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// `corfu bench failover`: how long nobody can append if a node dies.
struct FailoverBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failover",
    abstract: "Measure how long appends stop for if a unit, the sequencer or an acceptor dies.",
    discussion: """
      Monitors with their usual patience notice it and change the layout, while 16 clients append. \
      Writes into a fresh folder, on the disk that is to be measured, and removes it.
      """
  )

  @Option(help: ArgumentHelp("How often each node dies.", valueName: "n"))
  var rounds = 5

  @OptionGroup var options: FolderBenchOptions

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be 1 or more.") }
  }

  func run() async throws {
    try await options.report { folder, progress in
      try await FailoverBench(in: folder, rounds: rounds) { progress.show($0) }.run()
    }
  }
}
