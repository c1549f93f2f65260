public import CorfuGlobalLog
import CorfuStages
import CorfuStripeMirror

/// A log over many units that is not this process's to write: it can be read as far as it is
/// durable on whole chains.
///
/// Nobody is asked, and nothing is finished or filled: the units' folders are looked at.
public final class WatchingUnits: ReplSession {
  /// The stage that made the log.
  public let stage: Int
  private let folder: String
  private let reason: WatchingSession.Reason
  private let look: Guarded<UnitsView>

  /// Looks at the log in a folder.
  ///
  /// - Parameters:
  ///   - stage: 3 or later.
  ///   - folder: The folder, with one for each unit in it.
  ///   - reason: Why one can only look on.
  /// - Throws: ``ReplError/refused(_:)``, if there is no log, or none that can be read.
  public init(
    stage: Int,
    folder: String,
    because reason: WatchingSession.Reason = .inUse
  ) throws(ReplError) {
    self.stage = stage
    self.folder = folder
    self.reason = reason
    look = Guarded(try UnitsView(of: folder, stage: stage))
  }

  /// Why the log in a folder cannot be opened for writing at this moment; `nil` if it can.
  public static func reason(for folder: String) -> WatchingSession.Reason? {
    // A folder that cannot be listed has no units to be seen.
    let names = (try? FileDevice(path: folder).list()) ?? []
    let units = names.filter(FolderContent.isUnit).map { "\(folder)/\($0)" }
    let reasons = ([folder] + units).compactMap { WatchingSession.reason(for: $0) }
    return reasons.contains(.noPermission) ? .noPermission : reasons.first
  }

  /// The folder's name, and why it is only looked at.
  public var place: String { reason.place(of: folder) }
  /// It is never written.
  public var isReadOnly: Bool { true }
  /// Real files.
  public var isSimulated: Bool { false }
  /// What is durable of the log, as of the last look at its tail.
  public var log: any SharedLog { self }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position { look.value.trimMark }

  /// The log's numbers.
  public func stats() async throws(ReplError) -> [Fact] {
    let now = look.value
    return [
      Fact("epoch", .count(Int(now.layout.epoch.number))), Fact("tail", .position(now.tail)),
      Fact("trim mark", .position(now.trimMark)),
      Fact("stripes", .count(now.layout.spans.last?.stripes.count ?? 0)),
    ]
  }

  /// What there is to tell of each unit.
  public func details() async throws(ReplError) -> FactTable? { look.value.units }

  /// Tells of the units; whatever would change something is refused.
  public func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    let now = look.value
    switch command {
    case .layout: return .layout(now.layout, down: now.missing)
    case .nodes: return .table(now.units)
    case .token, .useToken, .seal, .node, .killSurely, .net, .disk, .compact, .client,
      .crashClient, .trace, .healing, .objects:
      throw refusal
    }
  }

  /// Reads every byte of the units' folders.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    var whole = VerifyReport(files: [])
    for unit in look.value.present {
      let device = FileDevice(path: "\(folder)/\(unit.node)")
      let report = try VerifyReport(of: device, onFile: onFile)
      whole.add(report.named("\(unit)"))
    }
    return whole
  }

  /// Refused.
  public func crash() async throws(ReplError) -> [Fact] { throw refusal }
  /// Refused.
  public func reopen() async throws(ReplError) -> [Fact] { throw refusal }
  /// Refused.
  public func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] { throw refusal }
  /// Nothing is held.
  public func close() async {}

  private var refusal: ReplError { .log(error) }
  private var error: LogError { reason.refusal(of: folder) }
}

extension WatchingUnits: SharedLog {
  /// Refused: the log can only be read.
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position { throw error }
  /// Refused: the log can only be read.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] { throw error }
  /// Refused: the log can only be read.
  public func fill(_ position: Position) async throws(LogError) -> Slot { throw error }
  /// Refused: the log can only be read.
  public func trim(_ position: Position) async throws(LogError) { throw error }
  /// Refused: the log can only be read.
  public func trimPrefix(before mark: Position) async throws(LogError) { throw error }

  /// What stands at a position of a whole chain.
  public func read(_ position: Position) async throws(LogError) -> Slot {
    guard let slot = try await read(position..<position.advanced(by: 1)).first else {
      throw .unknown(position)
    }
    return slot
  }

  /// What stands at each position of a range.
  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    for _ in 0..<10 {
      do throws(LogError) {
        return try look.value.read(range)
      } catch .failed(.notFound) {
        // The owner removed what was to be read: it was trimmed, or stands in another file.
        _ = try await tail()
      }
    }
    return try look.value.read(range)
  }

  /// The end of what is durable on whole chains.
  ///
  /// Looks at the folders again.
  public func tail() async throws(LogError) -> Position {
    let result = look.update { view -> Result<Position, ReplError> in
      do throws(ReplError) {
        try view.refresh()
        return .success(view.tail)
      } catch {
        return .failure(error)
      }
    }
    do {
      return try result.get()
    } catch {
      throw .unavailable(error.description)
    }
  }
}

extension WatchingSession.Reason {
  /// The folder's name, and why it is only looked at.
  func place(of folder: String) -> String {
    switch self {
    case .inUse: "the folder \(folder), which another process has open"
    case .noPermission: "the folder \(folder), which can only be read"
    case .diskFull: "the folder \(folder), on a disk that is full"
    }
  }

  /// What whoever wants to write is told.
  func refusal(of folder: String) -> LogError {
    switch self {
    case .inUse: .failed(.inUse(folder))
    case .noPermission: .failed(.noPermission(folder))
    case .diskFull: .outOfSpace
    }
  }
}
