public import CorfuGlobalLog

/// One stage's assembly as the prompt sees it: a log, and what can be done to and asked about it.
///
/// The interpreter drives this and knows nothing else of the log, so the same commands run on real
/// files, on a simulated disk and on the model.
public protocol ReplSession: Sendable {
  /// The stage, which is the chapter that it comes from.
  var stage: Int { get }

  /// Where the log is, for messages: "the folder ./corfu-data".
  var place: String { get }

  /// Whether the log ends with the session, and its disk's power can be cut.
  var isSimulated: Bool { get }

  /// Whether it can only be looked at.
  var isReadOnly: Bool { get }

  /// The largest payload in bytes.
  var payloadBytesMax: Int { get }

  /// What opening it came upon that whoever uses it should know: a sentence each.
  var notices: [String] { get }

  /// The log as it is open now. After a crash it answers errors until ``reopen()``.
  var log: any SharedLog { get }

  /// Whether entries can say that no new line follows them where payloads are printed alone.
  var tellsPieces: Bool { get }

  /// Appends entries that say so, in order; entries like any others where they cannot.
  ///
  /// Throws and returns what `SharedLog.append(batch:)` does.
  func append(pieces: [[UInt8]]) async throws(LogError) -> [Position]

  /// Disks that may have lost records without a trace, and what helps: a clause each.
  var doubts: [String] { get }

  /// Whether such a loss may have taken the end of the log.
  var isEndInDoubt: Bool { get }

  /// Every position before it is trimmed: scans begin there.
  func trimMark() async throws(ReplError) -> Position

  /// The log's numbers, in the order in which they are shown.
  func stats() async throws(ReplError) -> [Fact]

  /// Reads and checks all that is on disk, telling before each file how many are done.
  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport

  /// Cuts the power of a simulated disk and tells what that cost.
  ///
  /// Throws ``ReplError/refused(_:)`` on real files.
  func crash() async throws(ReplError) -> [Fact]

  /// Opens the log again and tells what recovery found.
  func reopen() async throws(ReplError) -> [Fact]

  /// Lets clients race for the end of the log, `appends` entries each, and tells how each fared.
  ///
  /// Stops early when its task is cancelled.
  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer]

  /// Does something to the servers below the log, or tells of them.
  func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer

  /// What there is to tell of each server.
  func details() async throws(ReplError) -> FactTable?

  /// Gets past a hole: waits for its writer a little, then fills it.
  ///
  /// - Returns: How long that took; `nil` where nobody can.
  func settle(_ position: Position) async throws(ReplError) -> Duration?

  /// What happened by itself since this was last asked.
  ///
  /// Where time is simulated it passes now, until
  /// nothing more happens that the command brought about.
  func news(after command: Command) async -> [News]

  /// Forgets the messages seen so far.
  func beginTrace()

  /// The messages since then, if they are to be shown.
  func takeTrace() -> Trace?

  /// An error with what this session knows of it.
  func explained(_ error: LogError) -> ReplError

  /// Closes the log. Everything acknowledged is durable already.
  ///
  /// Throws ``ReplError/log(_:)`` if the disk fails now, or did before.
  func close() async throws(ReplError)
}

extension ReplSession {
  /// Most logs can be written.
  public var isReadOnly: Bool { false }

  /// Most logs are as they were left.
  public var notices: [String] { [] }

  /// Before chapter 7 entries have nothing to say it with.
  public var tellsPieces: Bool { false }

  /// Entries like any others.
  public func append(pieces: [[UInt8]]) async throws(LogError) -> [Position] {
    try await log.append(batch: pieces)
  }

  /// Most logs know what they know.
  public var doubts: [String] { [] }

  /// Most logs know where they end.
  public var isEndInDoubt: Bool { false }

  /// The default limit of an entry.
  public var payloadBytesMax: Int { Entry.payloadBytesMaxDefault }

  /// Nothing is trimmed before chapter 4.
  public func trimMark() async throws(ReplError) -> Position { .zero }
}

/// Something a session tells about itself: a name and a value.
public struct Fact: Hashable, Sendable {
  /// A value, with its meaning: sizes and times are shown as such.
  public enum Value: Hashable, Sendable {
    /// How many.
    case count(Int)
    /// A place in the log.
    case position(Position)
    /// A size in bytes.
    case bytes(Int)
    /// How long.
    case time(Duration)
    /// A ratio or a rate.
    case number(Double)
    /// Whether it is so.
    case flag(Bool)
    /// Several names.
    case list([String])
    /// Anything else.
    case text(String)
  }

  /// What it is: lower case words, "trim mark".
  public let name: String
  /// How much, where or what.
  public let value: Value

  /// A fact.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

extension Fact: CustomStringConvertible {
  /// The name and the value, for people.
  public var description: String { "\(name): \(value.shown)" }
}

/// How one client fared in a race for the end of the log.
public struct Racer: Hashable, Sendable {
  /// The client's name: "client 1".
  public let name: String
  /// How many entries it appended.
  public let appends: Int
  /// How often somebody else was first, so that it had to try again.
  public let retries: Int

  /// A client's result.
  public init(name: String, appends: Int, retries: Int) {
    self.name = name
    self.appends = appends
    self.retries = retries
  }
}
