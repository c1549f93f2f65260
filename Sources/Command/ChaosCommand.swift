import ArgumentParser
import CorfuCluster
import CorfuRepl
import Foundation

/// `corfu chaos`: a cluster of real processes that are killed, stopped, cut off and started.
struct ChaosCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chaos",
    abstract: "Kill, stop, cut off and replace a cluster's nodes under load; look what it keeps.",
    discussion: """
      Starts a cluster of its own on this machine. Every 20 s all processes run again, and the \
      log is held against what the writers know: nothing that was acknowledged may be lost, \
      twice, elsewhere or out of order. Takes as long as it is told, and a little more. The exit \
      status is 1 if a promise was broken, and the cluster's folder stays then; or if nodes hold \
      far more memory or files in the end than after the first round.

      As root on Linux, with the programs ip, unshare and nsenter, each node has a network \
      namespace: nodes are also cut off from all others, from clients, or one from another, in \
      both directions or in one. The namespaces end with this program, however that does. With \
      openssl nodes have certificates, which are made anew meanwhile. What this machine lacks is \
      told first.

      Now and then an operator waits until all is well, and then does what operators do: a disk \
      is lost and comes back empty, a spare takes over from a node, a node is added, another \
      removed, or all are restarted, one after the other. Nothing is done that the cluster could \
      not bear: each chain keeps a unit that has everything.
      """
  )

  /// Whether there is to be something that not every machine has.
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case yes, no, auto

    var wish: Chaos.Wish {
      switch self {
      case .yes: .yes
      case .no: .no
      case .auto: .auto
      }
    }
  }

  @Option(help: ArgumentHelp("How long.", valueName: "n"))
  var minutes = 5.0

  @Option(help: "How many chains positions take turns over.")
  var stripes = 2

  @Option(help: "How many units each chain has.")
  var replicas = 2

  @Option(help: "How many more nodes stand by.")
  var spares = 1

  @Option(help: "Cut the network as well; auto: where this machine can.")
  var partitions = Choice.auto

  @Option(help: "Nodes with certificates; auto: where there is openssl.")
  var certificates = Choice.auto

  @Flag(inversion: .prefixedNo, help: "Do what operators do as well.")
  var operators = true

  @Option(help: "Draw the same faults as with that number before; when they come may differ.")
  var seed: UInt64?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the cluster's folder.", valueName: "dir")
  )
  var parent = "."

  @Flag(help: "Print the last line only.")
  var quiet = false

  func validate() throws {
    guard minutes > 0, minutes <= 10_000 else {
      throw ValidationError("--minutes takes a number above 0")
    }
    guard (1...8).contains(stripes), (1...4).contains(replicas), (0...8).contains(spares) else {
      throw ValidationError("--stripes takes 1 to 8, --replicas 1 to 4, --spares 0 to 8")
    }
    guard stripes * replicas + spares >= 3 else {
      throw ValidationError("fewer than 3 nodes cannot vote for the layout that heals them")
    }
  }

  func run() async throws {
    var sizes = Chaos.Sizes()
    (sizes.stripes, sizes.replicas, sizes.spares) = (stripes, replicas, spares)
    if let seed { sizes.seed = seed }
    var wishes = Chaos.Wishes()
    wishes.hasOperators = operators
    (wishes.partitions, wishes.certificates) = (partitions.wish, certificates.wish)
    let folder = "\(parent)/corfu-chaos-\(ProcessInfo.processInfo.processIdentifier)"
    let isQuiet = quiet
    let output = Output.standardOutput()
    if !quiet {
      try output.line("seed \(sizes.seed)")
      try output.flush()
    }
    let chaos = Chaos(
      in: folder,
      program: UpCommand.program,
      sizes: sizes,
      wishes: wishes
    ) { line in
      if isQuiet { return }
      // Whoever does not read what happens hears the end, by its exit status.
      try? output.line(line)
      try? output.flush()  // The same.
    }
    let report: ChaosReport
    do {
      let duration = Duration.seconds(minutes * 60)
      report = try await untilInterrupted { try await chaos.run(for: duration) }
    } catch let error as ChaosError {
      // Where nothing was begun there are none.
      let isThere = FileManager.default.fileExists(atPath: folder)
      let place = isThere ? "; the cluster's files are in \(folder)" : ""
      throw ReplError.refused("\(error)\(place)")
    } catch {
      // It was interrupted. What is left is of no use, and no harm.
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    // Else it was the last line told.
    if quiet { try output.line(report.summary) }
    try output.flush()
    if !report.violations.isEmpty {
      throw ReplError.refused("promises were broken; the cluster's files are in \(folder)")
    }
    // What is left is of no use, and no harm.
    try? FileManager.default.removeItem(atPath: folder)
    if report.hasLeak { throw ReplError.refused("nodes do not give back what they have taken") }
  }
}
