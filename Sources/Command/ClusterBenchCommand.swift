import ArgumentParser
import CorfuBench

/// `corfu bench cluster`: real processes, over TCP.
struct ClusterBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Measure a cluster of processes: tokens, appends, reads, scans, and deaths.",
    discussion: """
      Starts the nodes with their files in a fresh folder, on the disk that is to be measured, and \
      removes it at the end; it takes some minutes, and several gigabytes. Clients and nodes share \
      the processor. Reads are measured from the system's page cache and from the disk, together \
      with appends, and beside writers that do not rest. Then a unit and the sequencer are killed \
      under load, and what is told is how long that is felt. Where redis-server is installed, \
      appends to it are measured as well, to one alone and to one with a replica.
      """
  )

  @Flag(help: "Do little of everything, once, and kill nobody: to see that it works.")
  var quick = false

  @Option(help: ArgumentHelp("How long each workload runs, over all its rounds.", valueName: "n"))
  var seconds = 5

  @Option(help: "How many chains positions take turns over.")
  var stripes = 2

  @Option(help: "How many units each chain has.")
  var replicas = 2

  @Option(
    help: ArgumentHelp(
      "How often each of the two is killed; 0 for never. (default: 3; with --quick 0)",
      valueName: "n"
    )
  )
  var deaths: Int?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print a JSON document.")
  var json = false

  @OptionGroup var plots: PlotOptions

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be 1 or more.") }
    guard (1...8).contains(stripes), (1...4).contains(replicas) else {
      throw ValidationError("--stripes takes 1 to 8, --replicas 1 to 4")
    }
    guard (0...100).contains(deaths ?? 0) else { throw ValidationError("--deaths takes 0 to 100") }
  }

  func run() async throws {
    let progress = BenchProgress()
    var sizes = quick ? ClusterBench.Sizes.quick : ClusterBench.Sizes()
    (sizes.stripes, sizes.replicas) = (stripes, replicas)
    sizes.deaths = deaths ?? sizes.deaths
    do {
      let output = try BenchOutput(json: json, plots: plots.folder)
      let report = try await untilInterrupted { [sizes, parent, rounds = rounds(progress)] in
        try await BenchFolder.with(in: parent) { folder in
          try await ClusterBench(
            in: folder,
            program: UpCommand.program,
            rounds: rounds,
            sizes: sizes
          ).run()
        }
      }
      progress.clear()
      try output.write(report)
    } catch let code as ExitCode {
      progress.clear()
      throw code
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }

  private func rounds(_ progress: BenchProgress) -> Rounds {
    if quick {
      return Rounds(count: 1, duration: .milliseconds(100)) { progress.show($0) }
    }
    var rounds = Rounds(duration: .seconds(seconds)) { progress.show($0) }
    rounds.settle = { BenchFolder.writeBack() }
    return rounds
  }
}
