internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

extension SettingKey {
  /// Every setting there is, in the order of docs/settings.md.
  static let all: [SettingKey] = node + doors + store + sequencer + monitor + network

  private static let node: [SettingKey] = [
    SettingKey(
      name: "cluster",
      form: "text",
      preset: "must be given",
      about: "The cluster that the node is of; the same on all of its nodes.",
      isRequired: true
    ) { (value, draft) throws(SettingMistake) in draft.cluster = try value.readCluster() },
    SettingKey(
      name: "node",
      form: "3 or \"n3\"",
      preset: "must be given",
      about: "The node's name; no two nodes of a cluster have the same.",
      isRequired: true
    ) { (value, draft) throws(SettingMistake) in draft.node = try value.readNode() },
    SettingKey(
      name: "roles",
      form: "list",
      preset: "all three",
      about: "What the node does: `unit` (keeps entries, and votes where the layout makes it an "
        + "acceptor), `sequencer`, `monitor`."
    ) { (value, draft) throws(SettingMistake) in draft.roles = try value.readRoles() },
    path(
      "folder",
      \.folder,
      preset: "must be given",
      isRequired: true,
      "Where the node keeps its files. A folder of its own, on the disk that its unit is to use."
    ),
    duration(
      "drain",
      \.drainMax,
      .zero ... .seconds(3600),
      "How long requests that came may take when the node is told to end."
    ),
    SettingKey(
      name: "log.level",
      form: "level",
      preset: "info",
      about: "What is logged: `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`."
    ) { (value, draft) throws(SettingMistake) in draft.logLevel = try value.readLevel() },
  ]

  private static let doors: [SettingKey] = [
    address(
      "listen",
      \.listen,
      preset: "must be given",
      isRequired: true,
      "Where the node listens for clients and other nodes."
    ),
    address(
      "advertise",
      \.advertised,
      preset: "where it listens",
      "Where others find the node, if that is not where it listens."
    ),
    address(
      "admin",
      \.admin,
      preset: "nowhere",
      "Where `/health`, `/ready` and `/metrics` are served over HTTP."
    ),
    SettingKey(
      name: "adminOpen",
      form: "true or false",
      preset: "false",
      about: "Let other machines reach `admin`: it tells how the node is, changes nothing, and "
        + "nothing protects it."
    ) { (value, draft) throws(SettingMistake) in draft.isAdminOpen = try value.readTruth() },
    path("tls.certificate", \.certificate, preset: "none", "The node's certificate, PEM."),
    path("tls.key", \.key, preset: "none", "Its key, PEM; nobody else may read the file."),
    path("tls.authority", \.authority, preset: "none", "The authority's certificate, PEM."),
    SettingKey(
      name: "insecure",
      form: "true or false",
      preset: "false",
      about: "Listen without certificates where other machines can reach the node: anybody may do "
        + "anything."
    ) { (value, draft) throws(SettingMistake) in draft.isInsecure = try value.readTruth() },
  ]

  private static let store: [SettingKey] = [
    size(
      "store.segmentSize",
      \.store.segmentBytes,
      (64 << 10)...(2 << 30),
      "How large a segment file is."
    ),
    size(
      "store.payloadMax",
      \.store.payloadBytesMax,
      1...(1 << 30),
      "The largest entry. Must fit into a segment, beside the reserve, and into a frame."
    ),
    size(
      "store.reserve",
      \.store.reserveBytes,
      (4 << 10)...(1 << 30),
      "What data leaves free in a segment, so that trims have room on a full disk."
    ),
    size(
      "store.batchMax",
      \.store.batchBytesMax,
      (4 << 10)...(1 << 30),
      "How much is gathered for one sync."
    ),
    size(
      "store.zeroAhead",
      \.store.zeroAheadBytes,
      0...(64 << 20),
      "How far ahead of the records zeros are written, which makes syncs cheaper."
    ),
    count(
      "store.openFilesMax",
      \.store.openFilesMax,
      4...65_536,
      "How many segment files are kept open for reading."
    ),
    count(
      "store.streamsMax",
      \.store.streamsMax,
      1...(1 << 28),
      "Of how many streams the unit knows the last entries, at about 100 bytes each."
    ),
  ]

  private static let sequencer: [SettingKey] = [
    count(
      "sequencer.streamsMax",
      \.sequencer.streamsMax,
      1...(1 << 28),
      "Of how many streams the sequencer knows the last entries, at about 100 bytes each."
    ),
    count(
      "sequencer.writesMax",
      \.sequencer.writesMax,
      1...(1 << 28),
      "How many written keys it remembers, at 300 bytes each or less: a transaction that read "
        + "before the oldest of them is refused, and read again."
    ),
  ]

  private static let monitor: [SettingKey] = [
    duration(
      "monitor.interval",
      \.monitoring.interval,
      .milliseconds(1) ... .seconds(60),
      "How often the monitor asks all nodes how they are."
    ),
    duration(
      "monitor.patience",
      \.monitoring.patience,
      .milliseconds(1) ... .seconds(60),
      "How long it waits for an answer, where the network is fast."
    ),
    duration(
      "monitor.silenceMax",
      \.monitoring.silenceMax,
      .milliseconds(10) ... .seconds(3600),
      "How long a node may be silent before it is replaced."
    ),
    duration(
      "monitor.pauseMin",
      \.monitoring.pauseMin,
      .milliseconds(1) ... .seconds(60),
      "How long it rests after a change that failed; doubles from one to the next."
    ),
    duration(
      "monitor.pauseMax",
      \.monitoring.pauseMax,
      .milliseconds(1) ... .seconds(3600),
      "The longest such rest."
    ),
    count(
      "monitor.rebuildStep",
      \.monitoring.rebuild.slotsPerStep,
      1...4096,
      "How many positions are copied at a step to a unit that joins a chain."
    ),
    duration(
      "monitor.rebuildPause",
      \.monitoring.rebuild.pause,
      .zero ... .seconds(60),
      "How long copying rests between two steps: longer leaves more of the disks to clients."
    ),
  ]

  private static let network: [SettingKey] = [
    size(
      "network.clientFrameMax",
      \.network.clientFrameBytesMax,
      (2 << 20)...(1 << 30),
      "The largest request of a client, and the largest reply."
    ),
    size(
      "network.nodeFrameMax",
      \.network.nodeFrameBytesMax,
      (2 << 20)...(1 << 30),
      "The largest request of a node."
    ),
    count(
      "network.connectionsMax",
      \.network.connectionsMax,
      1...1_000_000,
      "How many connections are served at a time."
    ),
    count(
      "network.requestsMax",
      \.network.requestsMax,
      1...1_000_000,
      "How many requests of one connection are worked on at a time."
    ),
    size(
      "network.unsentMax",
      \.network.unsentBytesMax,
      (1 << 20)...(16 << 30),
      "How much may wait for a peer that does not read, before its connection is closed."
    ),
    duration(
      "network.unsentPatience",
      \.network.unsentPatience,
      .milliseconds(100) ... .seconds(3600),
      "How long a peer may take nothing of what waits for it, before its connection is closed."
    ),
    size(
      "network.heldMax",
      \.network.heldBytesMax,
      (16 << 20)...(64 << 30),
      "How much requests that are worked on, and answers that wait, may take, of all connections "
        + "together; above half of it those that hold most wait."
    ),
    duration(
      "network.greetingPatience",
      \.network.greetingPatience,
      .milliseconds(10) ... .seconds(600),
      "How long a peer may take to say who it is, encryption included."
    ),
    duration(
      "network.answerPatience",
      \.network.answerPatience,
      .milliseconds(100) ... .seconds(600),
      "How long another node may say nothing at all while it is asked, before it is called on "
        + "another connection."
    ),
    duration(
      "network.idleMax",
      \.network.idleMax,
      .seconds(1) ... .seconds(86_400),
      "How long a connection may be silent before it is closed."
    ),
    duration(
      "network.connectPatience",
      \.network.connectPatience,
      .milliseconds(10) ... .seconds(600),
      "How long to wait for a connection to another node."
    ),
    duration(
      "network.restMin",
      \.network.restMin,
      .milliseconds(1) ... .seconds(60),
      "How long to rest after a connection that failed; doubles from one to the next."
    ),
    duration(
      "network.restMax",
      \.network.restMax,
      .milliseconds(1) ... .seconds(600),
      "The longest such rest."
    ),
    count(
      "network.callsMax",
      \.network.callsMax,
      1...10_000_000,
      "How many requests to one other node may be under way at a time."
    ),
  ]
}
