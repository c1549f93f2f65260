/// The contract that every log in this package keeps, from one file to a cluster.
///
/// The checks in `CorfuChecks` hold an implementation against it, and ``ModelLog``
/// says in a page what each operation means. All promises are about what was
/// *acknowledged*: an operation that returned.
public protocol SharedLog: Sendable {
  /// Appends an entry to the end of the log and returns where it stands.
  ///
  /// Durable on return.
  /// If one append returned before another began, its position is the smaller one.
  func append(_ payload: [UInt8]) async throws(LogError) -> Position

  /// Appends entries in order and returns where they stand:
  /// increasing, though others' may stand between.
  ///
  /// On an error a prefix of them may be in the log.
  func append(batch: [[UInt8]]) async throws(LogError) -> [Position]

  /// Reads one position. A value seen once is what every later read gives, until it is trimmed.
  func read(_ position: Position) async throws(LogError) -> Slot

  /// Reads a run of positions, a slot for each, in order.
  func read(_ range: Range<Position>) async throws(LogError) -> [Slot]

  /// Makes sure that the position is not empty, by writing junk if it is.
  ///
  /// Returns what stands there.
  func fill(_ position: Position) async throws(LogError) -> Slot

  /// Gives permission to forget one position.
  func trim(_ position: Position) async throws(LogError)

  /// Gives permission to forget a run of positions. On an error some of them may be forgotten.
  func trim(_ range: Range<Position>) async throws(LogError)

  /// Gives permission to forget every position before `mark`.
  func trimPrefix(before mark: Position) async throws(LogError)

  /// The end of the log: one past the last position that is not empty. Never goes back.
  func tail() async throws(LogError) -> Position
}

extension SharedLog {
  /// One position after the other.
  public func trim(_ range: Range<Position>) async throws(LogError) {
    for position in range { try await trim(position) }
  }
}
