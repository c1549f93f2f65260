import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions
import Synchronization

/// A map from strings to numbers: the least that conflicts per key need.
struct Stock: ReplicatedState {
  enum Update: Codable, Sendable {
    case put(String, Int)
    case add(String, Int)
    case clear
  }

  struct Piece: Codable, Sendable {
    var name: String
    var count: Int
  }

  private(set) var counts = OrderedTree<String, Int>()

  subscript(name: String) -> Int? { counts[name] }

  /// Gives what the key has afterwards.
  mutating func apply(_ update: Update) -> Int? {
    switch update {
    case .put(let name, let count): counts.updateValue(count, forKey: name)
    case .add(let name, let count): counts.updateValue((counts[name] ?? 0) + count, forKey: name)
    case .clear: counts = OrderedTree()
    }
    return switch update {
    case .put(let name, _), .add(let name, _): counts[name]
    case .clear: nil
    }
  }

  static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .put(let name, _), .add(let name, _): [.string(name)]
    case .clear: nil
    }
  }

  var pieces: [Piece] { counts.map { Piece(name: $0.key, count: $0.value) } }

  mutating func restore(_ piece: Piece) {
    counts.updateValue(piece.count, forKey: piece.name)
  }

  /// All of it, for comparing.
  var all: [String] { counts.map { "\($0.key) \($0.value)" } }
}

/// A list of strings, whose every update is about all of it.
struct Notes: ReplicatedState, Codable {
  private(set) var lines: [String] = []

  mutating func apply(_ update: String) -> Int {
    lines.append(update)
    return lines.count
  }
}

typealias ModelRuntime = Runtime<ModelStreams>

/// A log on which somebody does something in between, and counts.
struct MeddledStreams: StreamingLog {
  enum Call: Equatable, Sendable { case ends, settle, append, commit, read, trim }

  let log: ModelStreams
  /// Hears of every call before it is made.
  let before: @Sendable (Call) async throws(LogError) -> Void
  /// What becomes of a transaction's entry; `nil` for what the log says.
  var commits: @Sendable () -> CommitError? = { nil }
  /// Where the writer is not there yet when somebody reads; whoever waits for it finds its entry.
  var isLate: @Sendable (Position) -> Bool = { _ in false }

  var id: ClientID { log.id }
  var knownEpoch: Epoch { log.knownEpoch }

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await before(.append)
    return try await log.append(payload)
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await before(.append)
    return try await log.append(batch: batch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position {
    try await before(.append)
    return try await log.append(payload, writing: writes, since: epoch)
  }

  func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position] {
    try await before(.append)
    return try await log.append(batch: batch, writing: writes, since: epoch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position {
    do {
      try await before(.commit)
    } catch {
      throw .log(error)
    }
    if let error = commits() { throw error }
    return try await log.append(payload, writing: writes, if: condition)
  }

  func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds {
    try await before(.ends)
    return try await log.ends(of: streams)
  }

  func read(_ position: Position) async throws(LogError) -> Slot { try await log.read(position) }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await read(Array(range))
  }

  func read(_ positions: [Position]) async throws(LogError) -> [Slot] {
    try await before(.read)
    let slots = try await log.read(positions)
    return zip(positions, slots).map { isLate($0) ? .empty : $1 }
  }

  func settle(_ position: Position) async throws(LogError) -> Slot {
    try await before(.settle)
    return try await log.settle(position)
  }

  func settle(before moment: Snapshot) async throws(LogError) -> Bool {
    try await before(.settle)
    return try await log.settle(before: moment)
  }

  func fill(_ position: Position) async throws(LogError) -> Slot { try await log.fill(position) }
  func trim(_ position: Position) async throws(LogError) { try await log.trim(position) }

  func trimPrefix(before mark: Position) async throws(LogError) {
    try await before(.trim)
    try await log.trimPrefix(before: mark)
  }

  func tail() async throws(LogError) -> Position { try await log.tail() }
  func rest(for time: Duration) async { await log.rest(for: time) }
}

/// Something that is done once, when its time has come.
final class Once: Sendable {
  private let isDue: Mutex<Bool>

  init(isDue: Bool = true) {
    self.isDue = Mutex(isDue)
  }

  func arm() { isDue.withLock { $0 = true } }

  /// Whether it is to be done now.
  func isNow() -> Bool {
    isDue.withLock { isDue in
      defer { isDue = false }
      return isDue
    }
  }
}
