import ArgumentParser
import CorfuBench

/// `corfu bench cluster`: real processes, over TCP.
struct ClusterBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Measure a cluster of processes on this machine: tokens, appends, reads, scans.",
    discussion: """
      Starts the nodes with their files in a fresh folder, on the disk that is to be measured, and \
      removes it at the end. Clients and nodes share the processor.
      """
  )

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 5

  @Option(help: "How many chains positions take turns over.")
  var stripes = 2

  @Option(help: "How many units each chain has.")
  var replicas = 2

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
    guard (1...8).contains(stripes), (1...4).contains(replicas) else {
      throw ValidationError("--stripes takes 1 to 8, --replicas 1 to 4")
    }
  }

  func run() async throws {
    let progress = BenchProgress()
    var sizes = ClusterBench.Sizes()
    (sizes.stripes, sizes.replicas) = (stripes, replicas)
    do {
      let report = try await untilInterrupted { [sizes, seconds, parent] in
        try await BenchFolder.with(in: parent) { folder in
          var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
          rounds.settle = { BenchFolder.writeBack() }
          return try await ClusterBench(
            in: folder,
            program: UpCommand.program,
            rounds: rounds,
            sizes: sizes
          ).run()
        }
      }
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch let code as ExitCode {
      progress.clear()
      throw code
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}
