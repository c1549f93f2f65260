public import CorfuClient
internal import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStages
internal import CorfuStripeMirror
public import CorfuTransactions

/// The log of a cluster that lives in this program: its units, its sequencers and its monitors are
/// here, and nobody else is needed.
///
///     try await withEmbeddedLog(in: "orders") { embedded in
///       let position = try await embedded.log.append(Array("hello".utf8))
///       print(try await embedded.log.read(position))
///     }
///
/// What was acknowledged is on disk, and is there the next time, however the program ended. Code
/// that takes `some StreamingLog` or a `Runtime` runs over this log and over that of a
/// `LogConnection` alike.
public struct EmbeddedLog: Sendable {
  /// The log as the program uses it: a client, to which every call is a call in this process.
  public typealias Log = Client<LoopbackTransport, ContinuousClock, ReferenceParts>
  /// The cluster as it stands after chapter 6, which looks after itself.
  typealias Host = Stage6<FileDevice, LoopbackTransport, ContinuousClock, ReferenceParts>

  /// How a cluster in a program is set up.
  public struct Settings: Equatable, Sendable {
    /// How many chains positions rotate over.
    public var stripes = 1
    /// How many units keep each entry.
    public var replicas = 1
    /// How many units stand by, to take over from one whose disk fails.
    public var spares = 0
    /// How patient the log is, and how much it does at once.
    public var limits = ClientLimits()
    /// Sizes that units work with.
    public var store = StoreLimits()

    /// One unit, and the defaults.
    public init() {}

    /// What cannot be, in words; `nil` if nothing is wrong.
    var objection: String? {
      let unitCount = stripes * replicas + spares
      guard (1...64).contains(stripes), (1...8).contains(replicas), (0...8).contains(spares),
        unitCount <= 64
      else { return "1 to 64 stripes of 1 to 8 replicas, 0 to 8 spares, and at most 64 units" }
      if !store.isConsistent { return "an entry must fit into a segment beside its reserve" }
      if limits.payloadBytesMax > store.payloadBytesMax {
        return "the log takes larger entries than its units keep"
      }
      return nil
    }
  }

  /// The log: append, read, fill, trim, subscribe.
  public let log: Log
  private let host: Host

  init(over host: Host, _ settings: Settings) throws(EmbeddedLogError) {
    self.host = host
    var random = SystemRandomNumberGenerator()
    do throws(ClusterError) {
      log = try host.cluster.client(
        clock: ContinuousClock(),
        limits: settings.limits,
        using: &random
      )
    } catch {
      throw .cluster(error)
    }
  }

  /// Objects, streams and transactions on the log; each runtime keeps its objects to itself.
  public func runtime(limits: RuntimeLimits = RuntimeLimits()) -> Runtime<Log> {
    Runtime(over: log, limits: limits)
  }

  /// What those see and do who look after the cluster, the first in rank first: whose disk failed,
  /// and what keeps another from taking over.
  public var monitors: [MonitorStatus] { host.monitors.map(\.status) }

  /// Waits until they have nothing left to do: each entry is on as many disks as it should be.
  ///
  /// - Parameter timeout: How long at most.
  /// - Returns: Whether nothing is left. If something is in the way, ``monitors`` tell.
  public func settle(within timeout: Duration) async -> Bool {
    await host.settle(within: timeout)
  }

  // MARK: - The cluster

  /// The cluster in a folder that is locked; it is not open yet.
  static func host(
    in folder: FileDevice,
    _ settings: Settings
  ) async throws(EmbeddedLogError) -> Host {
    let roster = try await roster(in: folder, settings)
    let network = LoopbackTransport()
    let clock = ContinuousClock()
    var random = SystemRandomNumberGenerator()
    return Host(
      roster: roster,
      clock: clock,
      limits: settings.store,
      upkeep: UpkeepSettings(clock: clock),
      using: &random,
      makeWay: { _ in network },
      makeDevice: { FileDevice(path: "\(folder.name)/\($0)") },
      onRoster: { (roster) throws(DeviceError) in try await roster.write(in: folder) }
    )
  }

  /// Who there is: as the folder says, or as many as are wanted in a new one.
  private static func roster(
    in folder: FileDevice,
    _ settings: Settings
  ) async throws(EmbeddedLogError) -> ClusterRoster {
    do throws(DeviceError) {
      if let kept = try ClusterRoster(in: folder) { return kept }
      let known = ["lock", ClusterRoster.fileName + ".new"]
      if try folder.list().allSatisfy(known.contains) {
        let roster = ClusterRoster(
          stripes: settings.stripes,
          replicas: settings.replicas,
          spares: settings.spares
        )
        // Before there are nodes: whoever finds some without it does not know whose they are.
        try await roster.write(in: folder)
        return roster
      }
    } catch {
      throw .folder(folder.name, error)
    }
    throw .otherContent(folder.name)
  }
}

/// Runs a cluster in this program, as long as a function does.
///
/// Each unit has a folder of its own below the given one: `n1`, `n2`, and so on. More than one
/// replica is worth something where these are on disks of their own; a link in the folder's place
/// leads there. What the folder was made with stays: of the settings later ones change limits only.
/// `corfu repl --stage 7 --data FOLDER` opens the same folder, while no program has it.
///
/// Cancelled, it ends as a crash would end it: nothing acknowledged is lost.
///
/// - Parameters:
///   - folder: The folder, which need not exist; only one program has it at a time.
///   - settings: How many units there are, when the folder is new, and how large and how patient.
///   - body: What uses the log. The cluster is closed when it returns, or throws.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws, or ``EmbeddedLogError``.
public func withEmbeddedLog<Result: Sendable>(
  in folder: String,
  _ settings: EmbeddedLog.Settings = EmbeddedLog.Settings(),
  _ body: (EmbeddedLog) async throws -> Result
) async throws -> Result {
  if let objection = settings.objection { throw EmbeddedLogError.settings(objection) }
  let device = FileDevice(path: folder)
  do throws(DeviceError) {
    try device.lock()
  } catch {
    throw EmbeddedLogError.folder(folder, error)
  }
  defer { device.unlock() }
  let host = try await EmbeddedLog.host(in: device, settings)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    // Without a thread of its own a unit shares the others', and is slower.
    group.addTask { await host.run { try? ThreadExecutor() } }
    do {
      try await open(host)
      let embedded = try EmbeddedLog(over: host, settings)
      group.addTask { await embedded.log.run() }
      let result = try await body(embedded)
      try await close(host)
      group.cancelAll()
      return result
    } catch {
      // The first error is the one to tell.
      try? await host.close()
      throw error
    }
  }
}

private func open(_ host: EmbeddedLog.Host) async throws(EmbeddedLogError) {
  var random = SystemRandomNumberGenerator()
  do throws(ClusterError) {
    try await host.open(using: &random)
  } catch {
    throw .cluster(error)
  }
}

private func close(_ host: EmbeddedLog.Host) async throws(EmbeddedLogError) {
  do throws(ClusterError) {
    try await host.close()
  } catch {
    // Cancelled, its units have ended already, and that is no news.
    if !Task.isCancelled { throw .cluster(error) }
  }
}

/// Why there is no cluster in this program.
public enum EmbeddedLogError: Error, Hashable, Sendable {
  /// The settings cannot be.
  case settings(String)
  /// The folder cannot be used: `inUse`, if another program has it.
  case folder(String, DeviceError)
  /// The folder holds something else.
  case otherContent(String)
  /// The cluster could not be opened, or not be closed properly.
  case cluster(ClusterError)
}

extension EmbeddedLogError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .settings(let objection): objection
    case .folder(_, .inUse(let name)): "\(name): another program has this log open"
    case .folder(let path, let error): "\(path): \(error)"
    case .otherContent(let path):
      "\(path) holds something else: name a folder that is empty, or not there yet"
    case .cluster(let error): "\(error)"
    }
  }
}
