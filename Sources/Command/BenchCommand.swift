import ArgumentParser
import CorfuBench

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// `corfu bench`: how fast it is here, beside what this machine can do.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure, next to baselines of this machine.",
    subcommands: [
      StoreBenchCommand.self, SequencerBenchCommand.self, AppendsBenchCommand.self,
      ClusterBenchCommand.self, LoadBenchCommand.self, FillBenchCommand.self,
      StripeBenchCommand.self,
      CompactionBenchCommand.self,
      PaxosBenchCommand.self, ReconfigurationBenchCommand.self, FailoverBenchCommand.self,
      LayoutBenchCommand.self, TransactionBenchCommand.self,
    ]
  )
}

/// `corfu bench store`: the durable log on a disk.
struct StoreBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Measure the durable log: appends, reads, reopening, memory, races.",
    discussion: """
      Writes several gigabytes into a fresh folder, on the disk that is to be measured, and \
      removes it in the end. Figures are medians, each with its ratio to a baseline taken in the \
      same run.
      """
  )

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 3

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  @Flag(help: "Reopen a log of ten million entries instead of one million.")
  var large = false

  @Option(
    help: ArgumentHelp(
      "Measure only this: reopening a log of so many entries of 16 bytes, each 128 on the disk.",
      valueName: "n"
    )
  )
  var reopen: Int?

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
    if let reopen, reopen < 1 { throw ValidationError("--reopen must be 1 or more.") }
  }

  func run() async throws {
    let progress = BenchProgress()
    do {
      let report = try await BenchFolder.with(in: parent) { folder in
        var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
        rounds.settle = { BenchFolder.writeBack() }
        var sizes = large ? StoreBench.Sizes.large : StoreBench.Sizes()
        guard let reopen else {
          return try await StoreBench(in: folder, rounds: rounds, sizes: sizes).run()
        }
        sizes.reopenEntries = reopen
        sizes.reopenPayloadBytes = [16]
        return try await StoreBench(in: folder, rounds: rounds, sizes: sizes).runReopening()
      }
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// `corfu bench sequencer`: tokens, and the race without them.
struct SequencerBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequencer",
    abstract: "Measure tokens in process, and appends with tokens against the race.",
    discussion: "Writes into a fresh folder, on the disk that is to be measured, and removes it."
  )

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 3

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
  }

  func run() async throws {
    let progress = BenchProgress()
    do {
      let report = try await BenchFolder.with(in: parent) { folder in
        var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
        rounds.settle = { BenchFolder.writeBack() }
        return try await SequencerBench(in: folder, rounds: rounds).run()
      }
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// `corfu bench compaction`: the room it gives back, and what it costs those who append and read.
struct CompactionBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compaction",
    abstract: "Measure the room after compaction, and appends and reads while it works.",
    discussion: "Writes into a fresh folder, on the disk that is to be measured, and removes it."
  )

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 3

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
  }

  func run() async throws {
    let progress = BenchProgress()
    do {
      let report = try await BenchFolder.with(in: parent) { folder in
        var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
        rounds.settle = { BenchFolder.writeBack() }
        return try await CompactionBench(in: folder, rounds: rounds).run()
      }
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// `corfu bench fill`: a cluster in one process, on a disk.
struct FillBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill",
    abstract: "Measure filling holes, and clients that append to a cluster in this process.",
    discussion: "Writes into a fresh folder, on the disk that is to be measured, and removes it."
  )

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 3

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
  }

  func run() async throws {
    let progress = BenchProgress()
    do {
      let report = try await BenchFolder.with(in: parent) { folder in
        var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
        rounds.settle = { BenchFolder.writeBack() }
        return try await FillBench(in: folder, rounds: rounds).run()
      }
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}

/// One line on a terminal that says what is under way; nothing where nobody looks.
struct BenchProgress {
  private let isShown = isatty(STDERR_FILENO) == 1

  func show(_ what: String) {
    if isShown { write("\r\u{1b}[K\(what)…") }
  }

  func clear() {
    if isShown { write("\r\u{1b}[K") }
  }

  func complain(_ text: String) {
    write(text + "\n")
  }

  private func write(_ text: String) {
    // If standard error is gone nobody hears it, and nobody needs to.
    let descriptor = dup(STDERR_FILENO)
    guard descriptor >= 0, let file = fdopen(descriptor, "w") else { return }
    fputs(text, file)
    fclose(file)
  }
}
