public import CorfuGlobalLog

/// A log that another process has open: it can be read as far as it is durable, and not written.
public final class WatchingSession: ReplSession {
  private let folder: String
  private let view: Guarded<StoreView<FileDevice>>

  /// Looks at the log in a folder.
  public init(folder: String) throws(ReplError) {
    self.folder = folder
    do {
      view = Guarded(try StoreView(of: FileDevice(path: folder)))
    } catch {
      throw ReplError(error, folder: folder)
    }
  }

  /// Stage 1.
  public var stage: Int { 1 }
  /// The folder's name, and that it is somebody else's.
  public var place: String { "the folder \(folder), which another process has open" }
  /// Real files.
  public var isSimulated: Bool { false }
  /// What is durable of the log, as of the last look at its tail.
  public var log: any SharedLog { self }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position { view.value.reader.trimMark }

  /// The store's numbers.
  public func stats() async throws(ReplError) -> [Fact] { Fact.facts(of: view.value.reader) }

  /// Reads every byte of the folder.
  public func verify() async throws(ReplError) -> VerifyReport {
    do {
      return VerifyReport(try FolderReport(of: FileDevice(path: folder)))
    } catch {
      throw ReplError(error, folder: folder)
    }
  }

  /// Refused.
  public func crash() async throws(ReplError) -> [Fact] { throw refusal }
  /// Refused.
  public func reopen() async throws(ReplError) -> [Fact] { throw refusal }
  /// Refused.
  public func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] { throw refusal }
  /// Nothing is held.
  public func close() async {}

  private var refusal: ReplError {
    .refused("\(folder): another process has this log open; it can only be read here")
  }
}

extension WatchingSession: SharedLog {
  /// Refused: the log is another process's.
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position { throw inUse }
  /// Refused: the log is another process's.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] { throw inUse }
  /// Refused: the log is another process's.
  public func fill(_ position: Position) async throws(LogError) -> Slot { throw inUse }
  /// Refused: the log is another process's.
  public func trim(_ position: Position) async throws(LogError) { throw inUse }
  /// Refused: the log is another process's.
  public func trimPrefix(before mark: Position) async throws(LogError) { throw inUse }

  /// What stands at a position.
  public func read(_ position: Position) async throws(LogError) -> Slot {
    try view.value.reader.read(position)
  }

  /// What stands at each position of a range.
  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try view.value.reader.read(range)
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

  private var inUse: LogError { .failed(.inUse(folder)) }
}
