import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation

/// `corfu cluster up`.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Start a cluster of real processes on this machine, and open the prompt on it.",
    discussion: """
      The first time it makes a folder for each node; later it starts those that are there. At the \
      prompt 'node kill n2' kills a real process, and 'status' shows how the others go on. Leaving \
      the prompt leaves the cluster running; 'corfu cluster down' ends it.
      """
  )

  @Option(help: "The folder below which the nodes have theirs.")
  var data = OperatorOptions.folder

  @Option(help: "How many chains positions take turns over, in a new cluster (default: 2).")
  var stripes: Int?

  @Option(help: "How many units each chain has, in a new cluster (default: 2).")
  var replicas: Int?

  @Option(help: "How many units stand by, in a new cluster (default: 1).")
  var spares: Int?

  @Flag(help: "Start it, and open no prompt.")
  var detach = false

  @Option(
    name: [.customShort("c"), .customLong("command")],
    help: "Run these commands at the prompt and end. May be given several times."
  )
  var commands: [String] = []

  /// What a new cluster looks like.
  private var shape: ClusterOperator<ReferenceParts>.Shape {
    ClusterOperator<ReferenceParts>.Shape(stripes: stripes ?? 2, replicas: replicas ?? 2)
  }

  func validate() throws {
    if !(1...16).contains(shape.stripes) || !(1...8).contains(shape.replicas)
      || !(0...8).contains(spares ?? 1)
    {
      throw ValidationError("--stripes takes 1 to 16, --replicas 1 to 8, --spares 0 to 8")
    }
  }

  func run() async throws {
    let local = LocalCluster(in: data, program: Self.program)
    let errors = Output.standardError()
    let members = try await start(local, errors)
    let addresses = members.map(\.address)
    // Not all: any that is up tells of the others.
    let some = addresses.prefix(3).map(\.description).joined(separator: ",")
    try errors.line("\(members.count) nodes are up; --connect \(some) finds them")
    try errors.flush()
    if detach { return }
    let session = try await openConnected(to: addresses, security: .open, local: local)
    try await ReplCommand.converse(on: session, running: ReplCommand.typedScript(commands))
  }

  /// Starts all processes; makes what is missing, and begins, the first time.
  private func start(
    _ local: LocalCluster,
    _ errors: Output
  ) async throws -> [LocalCluster.Member] {
    do {
      let hold = try local.hold()
      defer { hold.end() }
      try FolderContent.checkIsFree(data)
      if try local.members().isEmpty {
        let count = shape.stripes * shape.replicas + (spares ?? 1)
        for _ in 0..<count { _ = try local.add() }
      } else if stripes != nil || replicas != nil || spares != nil {
        try errors.line(
          "there is a cluster in \(data), and it stays as it is: --stripes, --replicas and "
            + "--spares are for a new one"
        )
        try errors.flush()
      }
      let members = try local.members()
      for member in members { try local.start(member.node) }
      try await LocalStart.waitForAnswer(of: members, in: local)
      try await beginOnce(members.map(\.address))
      return members
    } catch let error as LocalClusterError {
      throw ReplError.refused("\(error)")
    }
  }

  private func beginOnce(_ addresses: [NodeAddress]) async throws {
    if try await hasBegun(addresses) { return }
    let shape = shape
    _ = try await operating(on: addresses, .open) { (hand) throws(OperatorError) in
      try await hand.begin(shape)
    }
  }

  private func hasBegun(_ addresses: [NodeAddress]) async throws -> Bool {
    let connection = try await connect(to: addresses, as: .operator, .open)
    let hand = ClusterOperator<ReferenceParts>(of: connection)
    // Without a layout it has not begun.
    let current = try? await hand.current()
    await connection.network.close()
    return current != nil
  }

  /// This program's file.
  static var program: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }
}

/// `corfu cluster down`.
struct DownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "End the processes of a cluster that 'corfu cluster up' has started; logs stay."
  )

  @Option(help: "The cluster's folder.")
  var data = OperatorOptions.folder

  func run() async throws {
    let local = LocalCluster(in: data, program: UpCommand.program)
    let hold: LocalHold
    let members: [LocalCluster.Member]
    do {
      members = try local.members()
      // Nothing is made where nothing is.
      if members.isEmpty { throw ReplError.refused("there is no cluster in \(data)") }
      hold = try local.hold()
    } catch let error as LocalClusterError {
      throw ReplError.refused("\(error)")
    }
    defer { hold.end() }
    var ended = 0
    for member in members {
      // One that stands still hears nothing.
      local.signal(member.node, SIGCONT)
      if local.signal(member.node, SIGTERM) { ended += 1 }
    }
    for member in members
    where await !local.waitForEnd(of: member.node, patience: .seconds(20)) {
      local.signal(member.node, SIGKILL)
    }
    let output = Output.standardOutput()
    try output.line(
      ended == 0 ? "no node was up" : "\(ended) nodes were ended; logs stay in \(data)"
    )
    try output.flush()
  }
}
