import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation

/// `corfu cluster`: clusters of processes.
struct ClusterCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Start a cluster of processes on this machine, or look after one anywhere.",
    subcommands: [
      UpCommand.self, DownCommand.self, InitCommand.self, StatusCommand.self,
      LayoutCommand.self, HistoryCommand.self, AddCommand.self, RemoveCommand.self,
      ReplaceCommand.self, RemapCommand.self,
      StripesCommand.self, MonitorsCommand.self, LostCommand.self, AppointCommand.self,
      CertificateCommand.self,
    ]
  )
}

/// Which cluster an operator's command is about.
struct OperatorOptions: ParsableArguments {
  @OptionGroup var connect: ConnectOptions

  @Option(help: "The folder of a cluster that 'corfu cluster up' has started (default: \(folder)).")
  var data: String?

  static var folder: String { "./corfu-cluster-8" }

  /// Where the nodes are.
  func addresses() throws -> [NodeAddress] {
    if let addresses = try connect.addresses() { return addresses }
    let local = LocalCluster(in: data ?? Self.folder, program: "")
    let members: [LocalCluster.Member]
    do {
      members = try local.members()
    } catch {
      throw ReplError.refused("\(error)")
    }
    if members.isEmpty {
      throw ReplError.refused(
        "there is no cluster in \(data ?? Self.folder): --connect HOST:PORT names a node of one"
      )
    }
    return members.map(\.address)
  }

  /// How strangers are kept out.
  func security() throws -> Security {
    do {
      return try connect.security()
    } catch {
      throw ReplError.refused("\(error)")
    }
  }

  /// Does something as an operator.
  @discardableResult
  func operating<Value>(
    _ body: (ClusterOperator<ReferenceParts>) async throws(OperatorError) -> Value
  ) async throws -> Value {
    try await CorfuCommand.operating(on: try addresses(), try security(), body)
  }

  func validate() throws {
    if data != nil, connect.connect != nil {
      throw ValidationError("--data and --connect exclude each other: give one of them")
    }
  }
}

/// Says something on the standard output.
private func say(_ text: String) throws {
  let output = Output.standardOutput()
  try output.line(text)
  try output.flush()
}

/// `corfu cluster init`.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Begin a cluster: bring the first layout of some running nodes into force.",
    discussion: """
      Name all nodes with --connect. Units that the stripes do not need stand by. It is done \
      once; 'corfu cluster add' takes in more nodes later. With --again it begins nothing: where \
      all nodes have lost the file that says who is in the cluster, it writes that anew, and what \
      is on the disks stays.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Option(help: "How many chains positions take turns over (default: 1).")
  var stripes: Int?

  @Option(help: "How many units each chain has (default: 2; with --again as many as they have).")
  var replicas: Int?

  @Option(help: "How many acceptors decide on layouts: an odd number (default: 3, or 1).")
  var acceptors: Int?

  @Flag(help: "Write anew who is in a cluster that has begun, where all nodes have lost that.")
  var again = false

  @Flag(help: "With --again: nodes may be missing that do not answer, or are not named.")
  var sure = false

  func validate() throws {
    if sure, !again { throw ValidationError("--sure is for --again") }
    guard (1...64).contains(stripes ?? 1), (1...8).contains(replicas ?? 1),
      [1, 3, 5, 7, 9].contains(acceptors ?? 1)
    else {
      throw ValidationError(
        "--stripes takes 1 to 64, --replicas 1 to 8, --acceptors 1, 3, 5, 7 or 9"
      )
    }
    if again, stripes != nil || acceptors != nil {
      throw ValidationError(
        "--again takes neither --stripes nor --acceptors: those are what the layout says"
      )
    }
  }

  func run() async throws {
    if again { try await beginAgain() } else { try await begin() }
  }

  private func begin() async throws {
    let (stripes, replicas) = (stripes ?? 1, replicas ?? 2)
    let shape = ClusterOperator<ReferenceParts>.Shape(
      stripes: stripes,
      replicas: replicas,
      acceptors: acceptors
    )
    let layout = try await options.operating { (hand) throws(OperatorError) in
      try await hand.begin(shape)
    }
    try say(
      "the cluster has begun: \(stripes) stripes with \(replicas) replicas, "
        + "\(layout.spares.count) standing by; \(layout.sequencer.node) is the sequencer"
    )
  }

  private func beginAgain() async throws {
    let (replicas, isSure) = (replicas, sure)
    let outcome = try await options.operating { (hand) throws(OperatorError) in
      try await hand.beginAgain(replicas: replicas, isSure: isSure)
    }
    func names(_ nodes: Set<NodeID>) -> String {
      nodes.sorted().map(\.description).joined(separator: ", ")
    }
    let missing =
      outcome.missing.isEmpty
      ? "" : "; the layout names \(names(outcome.missing)), too: 'corfu cluster add' takes them in"
    try say(
      "in the cluster are \(names(outcome.members)), which is in epoch "
        + "\(outcome.layout.epoch)\(missing); 'corfu cluster status' tells how it goes on"
    )
  }
}

/// `corfu cluster add`.
struct AddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Take a running node into a cluster: it stands by until it is needed."
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "Where the new node listens.")
  var address: String

  func run() async throws {
    guard let address = NodeAddress(address) else {
      throw ValidationError("'\(address)' is no address: give HOST:PORT")
    }
    let node = try await options.operating { (hand) throws(OperatorError) in
      try await hand.add(address)
    }
    try say("\(node) at \(address) is a member, and stands by")
  }
}

/// `corfu cluster remove`.
struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Let a node go, once others have what it has."
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The node: n3.")
  var node: String

  func run() async throws {
    let id = try nodeID(node)
    try await options.operating { (hand) throws(OperatorError) in
      try await hand.release([id], comesBack: false)
    }
    try say(
      "\(id) goes once others have what it has; 'corfu cluster status', with \(id) among the "
        + "nodes that --connect names, tells when it can be stopped"
    )
  }
}

/// `corfu cluster replace`.
struct ReplaceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replace",
    abstract: "Let a spare take over from a node, which is emptied and stands by then.",
    aliases: ["drain"]
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The node: n3.")
  var node: String

  func run() async throws {
    let id = try nodeID(node)
    try await options.operating { (hand) throws(OperatorError) in
      try await hand.release([id], comesBack: true)
    }
    try say("a spare takes over from \(id), which stands by then; 'status' tells how far they are")
  }
}

/// `corfu cluster remap`.
struct RemapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remap",
    abstract: "Compact nodes by moving what is alive of them to spares.",
    discussion: """
      A spare takes over from each node, which is emptied and stands by then; as many at once as \
      there are spares. With --below, the cluster does that by itself to a node of which less than \
      so many percent is alive.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The nodes: n1 n2.")
  var nodes: [String] = []

  @Option(help: "Below how many percent alive a node is remapped unasked: 1 to 99.")
  var below: Int?

  @Flag(help: "Remap none unasked, and none that has not begun.")
  var off = false

  func validate() throws {
    let wishes = [!nodes.isEmpty, below != nil, off].count { $0 }
    if wishes != 1 { throw ValidationError("say which nodes, or --below PERCENT, or --off") }
    if let below, !(1...99).contains(below) { throw ValidationError("--below takes 1 to 99") }
  }

  func run() async throws {
    var ids: [NodeID] = []
    for node in nodes { ids.append(try nodeID(node)) }
    let (chosen, percent) = (ids, below)
    try await options.operating { (hand) throws(OperatorError) in
      if chosen.isEmpty {
        try await hand.remap(below: percent)
      } else {
        try await hand.remap(chosen)
      }
    }
    if chosen.isEmpty { return try say(Self.words(below: percent)) }
    let names = chosen.map(\.description).joined(separator: ", then ")
    try say("spares are to take over from \(names); 'status' tells how far they are")
  }

  /// What the cluster does unasked from now on, in words.
  static func words(below percent: Int?) -> String {
    percent.map { "a unit of which less than \($0) percent is alive is remapped by itself" }
      ?? "units are remapped only when you ask for it"
  }
}

/// `corfu cluster stripes`.
struct StripesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stripes",
    abstract: "Let new positions rotate over another number of chains."
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "How many: no fewer than now, and more need units that stand by.")
  var count: Int

  func validate() throws {
    if !(1...64).contains(count) { throw ValidationError("there can be 1 to 64 stripes") }
  }

  func run() async throws {
    let count = count
    try await options.operating { (hand) throws(OperatorError) in
      try await hand.setStripes(count)
    }
    try say("new positions are to rotate over \(count) chains, as soon as there are units for them")
  }
}

/// `corfu cluster monitors`.
struct MonitorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitors",
    abstract: "Let the monitors mend what breaks, or leave it as it is, as during an upgrade."
  )

  /// Whether they act.
  enum Switch: String, ExpressibleByArgument {
    case on, off
  }

  @OptionGroup var options: OperatorOptions

  @Argument(help: "on or off.")
  var state: Switch

  func run() async throws {
    let isOn = state == .on
    try await options.operating { (hand) throws(OperatorError) in
      try await hand.change { (membership, _) in membership.isAutomatic = isOn }
    }
    try say(
      isOn ? "what breaks is mended" : "what breaks stays broken until 'corfu cluster monitors on'"
    )
  }
}

/// `corfu cluster lost`.
struct LostCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lost",
    abstract: "Give up the disks of nodes that will never come back, with all that only they had.",
    discussion: """
      The last resort, where a chain has no survivor: entries that only these disks had are lost, \
      and readers are told so. What was trimmed with 'trim before' stays trimmed. A node whose \
      chain has other units needs none of this.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The nodes: n3 n4.")
  var nodes: [String]

  @Flag(help: "You know what is lost.")
  var sure = false

  func run() async throws {
    if !sure {
      throw ReplError.refused(
        "what only \(nodes.joined(separator: " and ")) had would be lost for good: "
          + "say so with --sure"
      )
    }
    var ids: Set<NodeID> = []
    for node in nodes { ids.insert(try nodeID(node)) }
    let lost = ids
    try await options.operating { (hand) throws(OperatorError) in
      try await hand.declareLost(lost)
    }
    try say("given up; 'corfu cluster status' tells how the cluster goes on")
  }
}
