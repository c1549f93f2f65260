public import CorfuGlobalLog

/// A log that is not this process's to write: it can be read as far as it is durable.
public final class WatchingSession: ReplSession {
  /// Why one can only look on.
  public enum Reason: Sendable {
    /// Another process has the log open.
    case inUse
    /// The folder, or the disk it is on, is not ours to change.
    case noPermission
    /// The disk has no room to open it.
    case diskFull
  }

  private let folder: String
  private let reason: Reason
  private let view: Guarded<StoreView<FileDevice>>

  /// Looks at the log in a folder.
  public init(folder: String, because reason: Reason = .inUse) throws(ReplError) {
    self.folder = folder
    self.reason = reason
    do {
      view = Guarded(try StoreView(of: FileDevice(path: folder)))
    } catch {
      throw ReplError(error, folder: folder)
    }
  }

  /// Why the log in a folder cannot be opened for writing at this moment; `nil` if it can.
  public static func reason(for folder: String) -> Reason? {
    if FileDevice(path: folder).isInUse { return .inUse }
    let mayWrite = SystemCall.mayWrite(folder) && SystemCall.mayWrite(folder + "/lock")
    return mayWrite ? nil : .noPermission
  }

  /// Stage 1.
  public var stage: Int { 1 }
  /// The folder's name, and why it is only looked at.
  public var place: String { reason.place(of: folder) }
  /// It is never written.
  public var isReadOnly: Bool { true }
  /// Real files.
  public var isSimulated: Bool { false }
  /// What is durable of the log, as of the last look at its tail.
  public var log: any SharedLog { self }

  /// Whether damage may have taken records without a trace.
  public var isEndInDoubt: Bool { view.value.reader.isInDoubt }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position { view.value.reader.trimMark }

  /// The store's numbers.
  public func stats() async throws(ReplError) -> [Fact] { Fact.facts(of: view.value.reader) }

  /// Reads every byte of the folder.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    try VerifyReport(of: FileDevice(path: folder), onFile: onFile)
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
}

extension WatchingSession: SharedLog {
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

  /// What stands at a position.
  public func read(_ position: Position) async throws(LogError) -> Slot {
    try await looking { reader throws(LogError) in try reader.read(position) }
  }

  /// What stands at each position of a range.
  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await looking { reader throws(LogError) in try reader.read(range) }
  }

  /// Reads, and looks at the folder again if the owner removed what was to be read: then it was
  /// trimmed, or stands in another file.
  private func looking<Result>(
    _ body: (StoreReader<FileDevice>) throws(LogError) -> Result
  ) async throws(LogError) -> Result {
    for _ in 0..<10 {
      do throws(LogError) {
        return try body(view.value.reader)
      } catch .failed(.notFound) {
        _ = try await tail()
      }
    }
    return try body(view.value.reader)
  }

  /// The end of what is durable.
  ///
  /// Looks at the folder again.
  public func tail() async throws(LogError) -> Position {
    let refreshed = view.update { view -> Result<Position, StoreOpenError> in
      do throws(StoreOpenError) {
        try view.refresh()
        return .success(view.reader.tail)
      } catch {
        return .failure(error)
      }
    }
    switch refreshed {
    case .success(let tail): return tail
    case .failure(.device(let error)): throw .failed(error)
    case .failure(let error): throw .failed(.failed(error.description))
    }
  }

  private var error: LogError { reason.refusal(of: folder) }
}
