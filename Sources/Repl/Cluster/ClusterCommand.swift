/// A command about the servers below a log, understood.
///
/// Nodes and clients are named as they were typed: only the session knows who there is.
public enum ClusterCommand: Hashable, Sendable {
  /// Takes positions and does not use them.
  case token(count: Int)
  /// Writes an entry with a token that was taken before, in the epoch it was taken in.
  case useToken([UInt8])
  /// Shows which units hold which positions.
  case layout
  /// Closes the epoch everywhere and begins the next.
  case seal
  /// Does something to a node; `nil` shows how they are.
  case node(NodeAction, String)
  /// Ends a node's process even where it alone has something whole.
  case killSurely(String)
  /// Shows how the nodes are.
  case nodes
  /// Does something to the network.
  case net(NetAction)
  /// Does something to a node's disk.
  case disk(DiskAction, String)
  /// Takes back the room of what was trimmed, on one unit or all.
  case compact(String?)
  /// Goes on as another client, or makes one.
  case client(ClientAction)
  /// Ends the client in use, now or at a step of its next append.
  case crashClient(CrashPoint)
  /// Draws from now on who asks whom.
  case trace(Bool)
  /// Something of chapter 6.
  case healing(HealingCommand)
  /// Something of chapter 7.
  case objects(ObjectCommand)

  /// What can be done to a node.
  public enum NodeAction: String, CaseIterable, Hashable, Sendable {
    /// Ends its process at once.
    case kill
    /// Starts a new process.
    case restart
    /// It neither hears nor answers.
    case pause
    /// It goes on where it stopped.
    case resume
  }

  /// What can be done to the network.
  public enum NetAction: Hashable, Sendable {
    /// Shows how it is.
    case show
    /// Loses every message between two groups.
    case partition([String], [String])
    /// Ends all partitions.
    case heal
    /// Every message takes so long.
    case delay(Duration)
  }

  /// What can be done to a disk.
  public enum DiskAction: Hashable, Sendable {
    /// Writes and syncs fail.
    case fail
    /// There is no room for another file.
    case fill
    /// Every sync takes so much longer.
    case slow(Duration)
    /// It is as good as new; what it lost stays lost.
    case mend
  }

  /// What can be done with clients.
  public enum ClientAction: Hashable, Sendable {
    /// Shows them.
    case list
    /// Makes one, and goes on as it.
    case new(String)
    /// Goes on as one that is there.
    case use(String)
  }

  /// Where in its work a client ends.
  public enum CrashPoint: Hashable, Sendable {
    /// At once.
    case now
    /// When its next append has its token.
    case afterToken
    /// When its next append has written the head of a chain.
    case afterHead
  }
}

extension ClusterCommand {
  /// Whether it can be done while the power is off: a disk is mended by hand.
  var needsNoPower: Bool {
    if case .disk = self { true } else { false }
  }
}
