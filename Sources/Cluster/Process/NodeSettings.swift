public import CorfuClient
public import CorfuGlobalLog
public import CorfuProtocol
public import CorfuSequencer
public import CorfuStripeMirror
public import Logging

/// What a node's process does.
public enum NodeRole: String, Hashable, Sendable, CaseIterable {
  /// Keeps entries, and votes: every disk of a cluster may be an acceptor.
  case unit
  /// Can hand out positions, if the layout appoints it.
  case sequencer
  /// Looks after the cluster.
  case monitor
}

/// How a node's process is set up.
public struct NodeSettings: Sendable {
  /// The cluster that it is of.
  public var cluster: ClusterName
  /// Its name.
  public var node: NodeID
  /// What it does.
  public var roles = Set(NodeRole.allCases)
  /// Where it keeps its files.
  public var folder: String
  /// Where it listens.
  public var listen: NodeAddress
  /// Where others find it; `nil` for where it listens.
  public var advertised: NodeAddress?
  /// Where it tells how it is, over HTTP; `nil` for nowhere.
  public var admin: NodeAddress?
  /// Whether other machines may reach that, which nothing protects.
  public var isAdminOpen = false
  /// Its certificate; `nil` for none.
  public var credentials: Credentials.Files?
  /// Whether it may listen without certificates where other machines can reach it.
  public var isInsecure = false
  /// Sizes that its unit works with.
  public var store = StoreLimits()
  /// How much its sequencer remembers.
  public var sequencer = SequencerLimits()
  /// How its monitor works.
  public var monitoring = MonitorLimits()
  /// How much crosses the network at once.
  public var network = NetworkLimits()
  /// How long requests that came may take when it is told to end.
  public var drainMax = Duration.seconds(10)
  /// What it tells of.
  public var logLevel = Logger.Level.info

  /// The defaults, for a node.
  public init(cluster: ClusterName, node: NodeID, folder: String, listen: NodeAddress) {
    self.cluster = cluster
    self.node = node
    self.folder = folder
    self.listen = listen
  }

  /// What cannot be, a line for each.
  public var objections: [String] {
    var found: [String] = []
    if roles.isEmpty { found.append("roles: a node without a role has nothing to do") }
    if folder.isEmpty { found.append("folder: give the folder for the node's files") }
    if credentials == nil, !isInsecure, !listen.isLoopback {
      found.append(
        "listen: \(listen.host) can be reached by other machines, which needs certificates "
          + "(tls.certificate, tls.key, tls.authority); or say that anybody may do anything: "
          + "insecure"
      )
    }
    if credentials != nil, isInsecure {
      found.append("insecure: there are certificates; leave one of the two out")
    }
    if let admin, !admin.isLoopback, !isInsecure, !isAdminOpen {
      found.append(
        "admin: \(admin.host) can be reached by other machines, and nothing protects it: take "
          + "127.0.0.1, or say adminOpen"
      )
    }
    if advertised == nil, ["0.0.0.0", "::"].contains(listen.host) {
      found.append("advertise: others cannot find '\(listen.host)': give an address that they can")
    }
    if let admin, admin == listen { found.append("admin: \(admin) is where the node listens") }
    return found + sizeObjections + timeObjections
  }

  private var sizeObjections: [String] {
    var found: [String] = []
    if !store.isConsistent {
      found.append(
        "store: an entry of payloadMax must fit into a segment beside its reserve: make "
          + "segmentSize larger, or one of the two smaller"
      )
    }
    // Beside an entry there are its mark, its streams, and what the frame itself needs.
    if store.payloadBytesMax > network.clientFrameBytesMax - (1 << 20) {
      found.append(
        "network: clientFrameMax must be larger than store.payloadMax by 1 MiB, or entries of "
          + "that size reach no node"
      )
    }
    if network.nodeFrameBytesMax < network.clientFrameBytesMax {
      found.append("network: nodeFrameMax may not be smaller than clientFrameMax")
    }
    return found
  }

  private var timeObjections: [String] {
    var found: [String] = []
    if monitoring.silenceMax < monitoring.interval * 2 {
      found.append(
        "monitor: silenceMax is too short for a node that is asked how it is every "
          + "\(SettingUnits.text(monitoring.interval)): make it at least twice the interval"
      )
    }
    if monitoring.pauseMin > monitoring.pauseMax {
      found.append("monitor: pauseMin may not be longer than pauseMax")
    }
    if network.restMin > network.restMax {
      found.append("network: restMin may not be longer than restMax")
    }
    return found
  }
}
