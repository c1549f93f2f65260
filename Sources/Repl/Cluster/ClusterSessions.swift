public import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuGlobalLog
public import CorfuStages

/// How many units there are, and how they are arranged.
public struct EmbeddedShape: Hashable, Sendable {
  /// How many chains positions rotate over.
  public var stripes: Int
  /// How many units each chain has.
  public var replicas: Int
  /// How many units stand by.
  public var spares: Int

  /// A shape; two stripes of two, and one unit that stands by, unless you say otherwise.
  public init(stripes: Int = 2, replicas: Int = 2, spares: Int = 1) {
    self.stripes = stripes
    self.replicas = replicas
    self.spares = spares
  }

  /// Whether it can be opened on one machine.
  public var isSensible: Bool {
    (1...64).contains(stripes) && (1...8).contains(replicas) && (0...8).contains(spares)
      && unitCount <= 64
  }

  /// How many units there are.
  public var unitCount: Int { stripes * replicas + spares }
}

/// Opens clusters for the prompt.
public enum ClusterSessions {
  /// A cluster on real files, a folder for each node below one.
  ///
  /// - Parameters:
  ///   - stage: 5 to 7.
  ///   - folder: The folder.
  ///   - shape: How many units; `nil` for what is there, or the default.
  ///   - clock: What waits are measured by.
  ///   - date: The date and time, for people.
  ///   - parts: What the cluster is built of.
  /// - Returns: The session; the caller closes it.
  /// - Throws: ``ReplError``, with a text that says what to do.
  public static func onFiles(
    stage: Int = 5,
    in folder: String,
    shape: EmbeddedShape?,
    clock: some Clock<Duration>,
    date: @escaping @Sendable () -> String? = { nil },
    parts: (some Parts).Type
  ) async throws(ReplError) -> any ReplSession {
    let host = FileHost(folder: folder, clock: clock, now: date)
    let content = ClusterFolder(folder)
    let kind: ClusterKind =
      stage > 5
      ? .healing(try content.roster(wanted: shape, stage: stage), stage: stage)
      : .byHand(try content.shape(wanted: shape))
    return try await ClusterSession(on: host, as: kind, parts: parts)
  }

  /// The log of chapter 3 or 4 over many units, on real files.
  ///
  /// - Parameters:
  ///   - stage: 3 or 4.
  ///   - folder: The folder, with one for each unit in it.
  ///   - shape: How many units; `nil` for what is there, or the default.
  ///   - clock: What waits are measured by.
  ///   - parts: What the log is built of.
  /// - Returns: The session; the caller closes it.
  /// - Throws: ``ReplError``, with a text that says what to do.
  public static func mirrored(
    stage: Int,
    in folder: String,
    shape: EmbeddedShape?,
    clock: some Clock<Duration>,
    parts: (some CopyParts).Type
  ) async throws(ReplError) -> any ReplSession {
    let host = FileHost(folder: folder, clock: clock)
    let there = MirrorShape(of: host.folderDevice())
    let shape = shape.map(MirrorShape.init) ?? there ?? MirrorShape()
    return try await MirrorSession(on: host, stage: stage, shape: shape, parts: parts)
  }

  /// The log of chapter 3 or 4 over many units, in a simulated world; the same seed makes the same
  /// session.
  public static func simulatedMirrors(
    stage: Int,
    seed: UInt64,
    shape: EmbeddedShape = EmbeddedShape(),
    parts: (some CopyParts).Type
  ) async throws(ReplError) -> any ReplSession {
    try await MirrorSession(
      on: SimulatedHost(seed: seed),
      stage: stage,
      shape: MirrorShape(shape),
      parts: parts
    )
  }

  /// Makes sure that there is a log over many units in a folder.
  public static func findMirrors(stage: Int, in folder: String) throws(ReplError) {
    if MirrorShape(of: FileDevice(path: folder)) == nil {
      throw .noMirrors(stage: stage, in: folder)
    }
  }

  /// Makes sure that there is a cluster in a folder.
  public static func find(stage: Int = 5, in folder: String) throws(ReplError) {
    if ClusterFolder(folder).isEmpty {
      throw .refused(
        "\(folder): there is no cluster here; "
          + "'corfu append --stage \(stage) --data \(folder)' makes one"
      )
    }
  }

  /// A cluster in a simulated world; the same seed makes the same session.
  public static func simulated(
    stage: Int = 5,
    seed: UInt64,
    shape: EmbeddedShape = EmbeddedShape(),
    parts: (some Parts).Type
  ) async throws(ReplError) -> any ReplSession {
    let kind: ClusterKind =
      stage > 5 ? .healing(ClusterRoster(shape), stage: stage) : .byHand(shape)
    return try await ClusterSession(
      on: SimulatedHost(seed: seed, isRestless: stage > 5),
      as: kind,
      parts: parts
    )
  }
}

extension MirrorShape {
  fileprivate init(_ shape: EmbeddedShape) {
    self.init(stripes: shape.stripes, replicas: shape.replicas)
  }
}

extension ClusterRoster {
  /// A new cluster's.
  init(_ shape: EmbeddedShape) {
    self.init(stripes: shape.stripes, replicas: shape.replicas, spares: shape.spares)
  }
}

extension EmbeddedShape {
  /// The shape that a transcript's header names: `stripes 2, replicas 3, spares 0`.
  public init(_ settings: Transcript.Settings) {
    self.init()
    for words in settings.words.map({ $0.split(separator: " ") }) {
      guard words.count == 2, let count = Int(words[1]) else { continue }
      switch words[0] {
      case "stripes": stripes = count
      case "replicas": replicas = count
      case "spares": spares = count
      default: continue
      }
    }
  }
}
