internal import CorfuStripeMirror
internal import Foundation
internal import Synchronization

/// A network in which each node of a local cluster has a machine of its own, as far as the network
/// goes, and which can be cut: network namespaces of Linux, joined by a bridge.
///
///     n1 eth0 ── n1 ┐
///     n2 eth0 ── n2 ┼ hub, a bridge in a namespace of its own ── outside ─── cf4711-1, here
///     n3 eth0 ── n3 ┘
///
/// Needs root, and the programs `ip`, `unshare` and `nsenter`. All of it ends with this program,
/// however that does. Addresses are of 198.18.0.0/15, which is for tests (RFC 2544).
public final class NamespaceNetwork: Sendable {
  private struct State {
    var rooms: [NodeID: NetworkNamespace] = [:]
    var cuts: Set<NetworkCut> = []
    /// The ways on which nothing arrives.
    var lost: Set<NetworkWay> = []
    var isOver = false
  }

  /// The interface by which this program's own network reaches the nodes.
  let door: String
  private let leash: ProcessLeash
  private let hub: NetworkNamespace
  /// The first three numbers of all addresses.
  private let prefix: String
  private let state = Mutex(State())

  /// How many this program has made.
  private static let count = Atomic<Int>(0)
  /// The highest number of a node: higher ones are no addresses, or this program's own.
  private static let nodeMax: UInt32 = 250

  /// Makes a network without nodes.
  ///
  /// - Parameter leash: What ends it with this program.
  /// - Throws: ``NamespaceError``, if this program may not, or something is missing.
  public init(on leash: ProcessLeash) throws(NamespaceError) {
    if let reason = Self.lack { throw NamespaceError(reason: reason) }
    let name = "cf\(getpid())-\(Self.count.wrappingAdd(1, ordering: .relaxed).newValue)"
    let free = try Self.freePrefix()
    let middle = try NetworkNamespace(on: leash)
    do throws(NamespaceError) {
      try middle.ip("link add hub type bridge")
      try middle.ip("link set hub up")
      try NetworkNamespace.ipOutside(
        "link add \(name) type veth peer name outside netns \(middle.process)"
      )
      try NetworkNamespace.ipOutside("addr add \(free).254/24 dev \(name)")
      try NetworkNamespace.ipOutside("link set \(name) up")
      try middle.ip("link set outside master hub up")
    } catch {
      // What was made goes with it.
      middle.end()
      throw error
    }
    door = name
    self.leash = leash
    hub = middle
    prefix = free
  }

  deinit { end() }

  /// What is missing whatever is tried; `nil` if it is worth a try.
  private static var lack: String? {
    #if os(Linux)
    return geteuid() == 0 ? nil : "only root can make network namespaces"
    #else
    return "only Linux has network namespaces"
    #endif
  }

  /// Addresses that nobody has here, other ones for each program.
  private static func freePrefix() throws(NamespaceError) -> String {
    let taken = try NetworkNamespace.ipOutside("-4 -o addr show")
    let first = Int(getpid())
    for number in first..<first + 512 {
      let prefix = "198.\(18 + number / 256 % 2).\(number % 256)"
      if !taken.contains(" \(prefix).") { return prefix }
    }
    throw NamespaceError(reason: "all networks from 198.18.0 to 198.19.255 are taken")
  }

  /// Why there can be no such network on this machine, found by making one; `nil` if there can.
  public static let obstacle: String? = {
    guard let leash = ProcessLeash() else { return "the system has no pipe" }
    do throws(NamespaceError) {
      let network = try NamespaceNetwork(on: leash)
      defer { network.end() }
      _ = try network.join(NodeID(1))
      try network.cut(.node(NodeID(1)))
      return nil
    } catch {
      return error.reason
    }
  }()

  // MARK: - Nodes

  /// The address of a node's machine.
  func host(of node: NodeID) -> String { "\(prefix).\(node.number)" }

  /// What runs a program on a node's machine, which is made if there is none.
  func entering(_ node: NodeID, _ words: [String]) throws(NamespaceError) -> [String] {
    try join(node).entering(words)
  }

  private func join(_ node: NodeID) throws(NamespaceError) -> NetworkNamespace {
    try state.withLock { (state) throws(NamespaceError) in
      if state.isOver { throw NamespaceError(reason: "the network has ended") }
      if let room = state.rooms[node] { return room }
      let room = try makeRoom(for: node)
      state.rooms[node] = room
      return room
    }
  }

  private func makeRoom(for node: NodeID) throws(NamespaceError) -> NetworkNamespace {
    guard (1...Self.nodeMax).contains(node.number) else {
      throw NamespaceError(reason: "there is no address for \(node)")
    }
    let room = try NetworkNamespace(on: leash)
    do throws(NamespaceError) {
      try hub.ip("link add \(node) type veth peer name eth0 netns \(room.process)")
      try hub.ip("link set \(node) master hub up")
      try room.ip("link set lo up")
      try room.ip("addr add \(host(of: node))/24 dev eth0")
      try room.ip("link set eth0 up")
    } catch {
      room.end()
      throw error
    }
    return room
  }

  /// Ends it: the programs that are in it hear nobody from now on.
  public func end() {
    let rooms: [NetworkNamespace]? = state.withLock { state in
      if state.isOver { return nil }
      defer { state = State(isOver: true) }
      return Array(state.rooms.values)
    }
    guard let rooms else { return }
    // It would go a moment after the hub.
    _ = try? NetworkNamespace.ipOutside("link del \(door)")
    for room in rooms { room.end() }
    hub.end()
  }

  // MARK: - Cuts

  /// Cuts it, besides what is cut already.
  ///
  /// - Throws: ``NamespaceError``, if the system does not do it.
  public func cut(_ cut: NetworkCut) throws(NamespaceError) {
    try change { cuts in cuts.insert(cut) }
  }

  /// Mends a cut; others stay.
  ///
  /// - Throws: ``NamespaceError``, if the system does not do it.
  public func heal(_ cut: NetworkCut) throws(NamespaceError) {
    try change { cuts in cuts.remove(cut) }
  }

  /// Mends all cuts.
  ///
  /// - Throws: ``NamespaceError``, if the system does not do it.
  public func healAll() throws(NamespaceError) { try change { cuts in cuts = [] } }

  private func change<Ignored>(
    _ body: (inout Set<NetworkCut>) -> Ignored
  ) throws(NamespaceError) {
    try state.withLock { (state) throws(NamespaceError) in
      _ = body(&state.cuts)
      let nodes = state.rooms.keys.sorted()
      let wanted = state.cuts.reduce(into: Set<NetworkWay>()) { ways, cut in
        ways.formUnion(cut.ways(among: nodes))
      }
      for way in wanted.subtracting(state.lost) {
        try set(way, isLost: true, state.rooms)
        state.lost.insert(way)
      }
      for way in state.lost.subtracting(wanted) {
        try set(way, isLost: false, state.rooms)
        state.lost.remove(way)
      }
    }
  }

  /// Has the place where a way begins send to a hardware address that nobody has: what was sent is
  /// gone, and no program there learns of it.
  private func set(
    _ way: NetworkWay,
    isLost: Bool,
    _ rooms: [NodeID: NetworkNamespace]
  ) throws(NamespaceError) {
    let goal =
      switch way.to {
      case .node(let node): host(of: node)
      case .outside: "\(prefix).254"
      }
    switch way.from {
    case .node(let node): try rooms[node]?.ip(Self.line(goal, by: "eth0", isLost: isLost))
    case .outside: try NetworkNamespace.ipOutside(Self.line(goal, by: door, isLost: isLost))
    }
  }

  private static func line(_ goal: String, by interface: String, isLost: Bool) -> String {
    isLost
      ? "neigh replace \(goal) lladdr 02:00:00:00:00:00 nud permanent dev \(interface)"
      : "neigh del \(goal) dev \(interface)"
  }
}
