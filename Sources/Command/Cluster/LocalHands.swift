import CorfuCluster
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation

/// The hands of somebody at a prompt whose cluster's processes are this machine's.
struct LocalHands: ClusterHands {
  private let local: LocalCluster
  private let addresses: [NodeAddress]
  private let security: Security

  init(of local: LocalCluster, addresses: [NodeAddress], security: Security) {
    self.local = local
    self.addresses = addresses
    self.security = security
  }

  func perform(
    _ action: ClusterCommand.NodeAction,
    on node: NodeID
  ) async throws(ReplError) -> String {
    let members = try attempt { () throws(LocalClusterError) in try local.members() }
    guard let member = members.first(where: { $0.node == node }) else {
      throw .refused("there is no node \(node) below \(local.folder)")
    }
    let process = local.process(of: node)
    switch action {
    case .restart:
      if let process {
        // 'seq' may be another by now than the one that was killed.
        let down = members.map(\.node).filter { local.process(of: $0) == nil }.sorted()
        let others = down.map { "; 'node restart \($0)' starts \($0)" }.joined()
        throw .refused("\(node) is up, as process \(process)\(others)")
      }
      try attempt { () throws(LocalClusterError) in
        let hold = try local.hold()
        defer { hold.end() }
        try local.start(node)
      }
      try await LocalStart.waitForAnswer(of: [member], in: local)
      return "\(node) is up again" + (local.process(of: node).map { ", as process \($0)" } ?? "")
    case .kill:
      guard let process else { throw .refused("\(node) is down already") }
      // A process that stands still can be killed as well.
      local.signal(node, SIGKILL)
      _ = await local.waitForEnd(of: node, patience: .seconds(5))
      return "\(node) is dead: process \(process) was killed"
    case .pause:
      guard let process, local.signal(node, SIGSTOP) else { throw .refused("\(node) is down") }
      return "\(node) stands still: process \(process) was stopped"
    case .resume:
      guard let process, local.signal(node, SIGCONT) else { throw .refused("\(node) is down") }
      return "\(node) goes on: process \(process)"
    }
  }

  func add() async throws(ReplError) -> String {
    let member = try attempt { () throws(LocalClusterError) in
      let hold = try local.hold()
      defer { hold.end() }
      let member = try local.add()
      try local.start(member.node)
      return member
    }
    try await LocalStart.waitForAnswer(of: [member], in: local)
    let addresses = addresses
    _ = try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.add(member.address)
    }
    return "\(member.node) listens at \(member.address), and stands by"
  }

  func remove(_ node: NodeID) async throws(ReplError) -> String {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.release([node], comesBack: false)
    }
    return "\(node) goes once others have what it has: 'status' tells how far they are"
  }

  func replace(_ node: NodeID) async throws(ReplError) -> String {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.release([node], comesBack: true)
    }
    return "a spare takes over from \(node), which stands by then: 'status' tells how far they are"
  }

  func remap(_ nodes: [NodeID]) async throws(ReplError) {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.remap(nodes)
    }
  }

  func remap(below percent: Int?) async throws(ReplError) -> String {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.remap(below: percent)
    }
    return RemapCommand.words(below: percent)
  }

  func setStripes(_ count: Int) async throws(ReplError) -> String {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.setStripes(count)
    }
    return "new positions are to rotate over \(count) chains, as soon as there are units for them"
  }

  func setAutomatic(_ isAutomatic: Bool) async throws(ReplError) -> String {
    try await operating(on: addresses, security) { (hand) throws(OperatorError) in
      try await hand.change { (membership, _) in membership.isAutomatic = isAutomatic }
    }
    return isAutomatic ? "what breaks is mended" : "what breaks stays broken"
  }

  private func attempt<Value>(
    _ body: () throws(LocalClusterError) -> Value
  ) throws(ReplError) -> Value {
    do {
      return try body()
    } catch {
      throw .refused("\(error)")
    }
  }
}

/// Starts the processes of a local cluster.
enum LocalStart {
  /// Waits until nodes answer.
  ///
  /// - Throws: ``ReplError/refused(_:)`` with a node's last words, if its process has ended.
  static func waitForAnswer(
    of members: [LocalCluster.Member],
    in local: LocalCluster
  ) async throws(ReplError) {
    let deadline = ContinuousClock.now + .seconds(30)
    for member in members {
      while true {
        let error: ConnectionError
        do throws(ConnectionError) {
          let connection = try await ClusterConnection.open(to: [member.address], security: .open)
          await connection.network.close()
          break
        } catch let trouble {
          error = trouble
        }
        if local.process(of: member.node) == nil {
          let words = local.lastWords(of: member.node) ?? "it said nothing"
          throw .refused("\(member.node) has ended: \(words)")
        }
        if ContinuousClock.now > deadline { throw .refused("\(member.node): \(error)") }
        // Cancelled: the deadline ends this.
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}
