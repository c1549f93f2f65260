public import CorfuStripeMirror

/// Who a cluster consists of, where they are, and what people want of it: all that is not in a
/// layout.
///
/// An operator writes the first one, and gives it to one node or to all. Nodes tell it to each
/// other and keep the newest. Nothing that keeps entries safe depends on it: a monitor that acts on
/// an old one does what was wanted a moment ago.
public struct Membership: Hashable, Sendable {
  /// The cluster.
  public var cluster: ClusterName
  /// How often it was changed.
  public var version: UInt64
  /// Drawn by whoever made this version: of two with the same number all choose the same one.
  public var author: UInt64
  /// Every node, and where it listens.
  public var members: [NodeID: NodeAddress]
  /// How many units a chain should have.
  public var replicas: Int
  /// How many acceptors there should be: an odd number.
  public var acceptors: Int
  /// Over how many chains new positions should rotate.
  public var stripes: Int
  /// Members that are to go, once others have what they have.
  public var leaving: Set<NodeID> = []
  /// Those of them that are to come back as spares, emptied.
  public var returning: Set<NodeID> = []
  /// Disks that an operator has declared lost (R24).
  public var lost: Set<UnitName> = []
  /// Whether what breaks is mended without being asked.
  public var isAutomatic = true
  /// Units that spares are to take over from as soon as there are some, in this order.
  public var remaps: [NodeID] = []
  /// Of a unit of which less than so many percent is alive a spare takes over unasked; 0 for never.
  public var remapPercent = 0

  /// A first version.
  public init(
    of cluster: ClusterName,
    members: [NodeID: NodeAddress],
    replicas: Int,
    acceptors: Int,
    stripes: Int,
    author: UInt64
  ) {
    self.cluster = cluster
    version = 1
    self.author = author
    self.members = members
    self.replicas = replicas
    self.acceptors = acceptors
    self.stripes = stripes
  }

  /// Whether this one is to be kept, and another one forgotten.
  ///
  /// Nobody keeps one of another cluster, whatever its number.
  public func replaces(_ other: Membership?) -> Bool {
    guard let other else { return true }
    return cluster == other.cluster
      && (version, author) > (other.version, other.author)
  }

  /// The next version.
  ///
  /// - Parameters:
  ///   - random: Draws its author.
  ///   - body: What is to be changed.
  /// - Returns: The next version.
  public func changed(
    using random: inout some RandomNumberGenerator,
    _ body: (inout Membership) -> Void
  ) -> Membership {
    var next = self
    body(&next)
    next.version = version + 1
    next.author = random.next()
    return next
  }

  /// Makes it one that an operator writes where nobody knows any more who is in the cluster.
  ///
  /// Its number is a time: more than anybody has ever changed it, and more the next time, since a
  /// node that comes back with its old file must not undo what was wished since. Its author begins
  /// with the end of that number, by which it is known from the changes that count on.
  ///
  /// - Parameters:
  ///   - seconds: The time, in seconds since 1970.
  ///   - random: Draws the rest of its author.
  public mutating func writeAnew(
    at seconds: UInt64,
    using random: inout some RandomNumberGenerator
  ) {
    version = max(1, seconds)
    let rest: UInt32 = random.next()
    author = version << 32 | UInt64(rest)
  }

  /// Whether an operator has written it where nobody knew any more who is in the cluster; of any
  /// other, one in four billion looks like that.
  public var isWrittenAnew: Bool { author >> 32 == version & 0xffff_ffff }

  /// What is wrong with it, in words; `nil` if nothing is.
  public var objection: String? {
    if members.isEmpty { return "it names no node" }
    if members.count > Self.membersMax { return "it names more than \(Self.membersMax) nodes" }
    if !(1...8).contains(replicas) { return "a chain has 1 to 8 replicas, not \(replicas)" }
    if !(1...64).contains(stripes) { return "there are 1 to 64 stripes, not \(stripes)" }
    if !(1...9).contains(acceptors) || acceptors % 2 == 0 {
      return "there are 1, 3, 5, 7 or 9 acceptors, not \(acceptors)"
    }
    if version == .max { return "it has no next version" }
    if !leaving.isSubset(of: members.keys) { return "somebody is to leave who is no member" }
    if !returning.isSubset(of: leaving) { return "somebody is to return who does not leave" }
    if remaps.count > Self.membersMax { return "more nodes are to be remapped than there can be" }
    if !(0...99).contains(remapPercent) { return "0 to 99 percent, not \(remapPercent)" }
    return nil
  }

  /// As many nodes as one cluster may have.
  public static var membersMax: Int { 1024 }
}
