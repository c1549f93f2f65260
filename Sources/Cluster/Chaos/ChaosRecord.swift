public import CorfuGlobalLog

/// An entry that says who wrote it, and which of the writer's it is.
public struct ChaosEntry: Hashable, Sendable, CustomStringConvertible {
  /// The writer.
  public let writer: Int
  /// Which of its entries.
  public let number: Int

  /// An entry.
  public init(writer: Int, number: Int) {
    self.writer = writer
    self.number = number
  }

  /// Reads a payload; `nil` if it is none of these.
  init?(payload: [UInt8]) {
    let words = String(decoding: payload, as: UTF8.self).split(separator: " ")
    guard words.count == 2, let writer = Int(words[0]), let number = Int(words[1]) else {
      return nil
    }
    self.init(writer: writer, number: number)
  }

  var payload: [UInt8] { Array("\(writer) \(number)".utf8) }

  public var description: String { "entry \(number) of writer \(writer)" }
}

/// What writers know of their entries.
public struct ChaosRecord: Sendable {
  /// An append that was acknowledged.
  public struct Acknowledgement: Hashable, Sendable {
    /// What was appended.
    public let entry: ChaosEntry
    /// Where it is said to stand.
    public let position: Position
    /// When the append began and ended.
    public let time: Range<ContinuousClock.Instant>

    /// An acknowledgement.
    public init(
      _ entry: ChaosEntry,
      at position: Position,
      during time: Range<ContinuousClock.Instant>
    ) {
      self.entry = entry
      self.position = position
      self.time = time
    }
  }

  /// What was acknowledged.
  public var acknowledged: [Acknowledgement] = []
  /// What may be in the log or not: nobody could say.
  public var doubtful: Set<ChaosEntry> = []
  /// What failed, and is not in the log.
  public var refused: Set<ChaosEntry> = []

  /// Nothing yet.
  public init() {}

  /// Adds what another writer knows.
  mutating func add(_ other: ChaosRecord) {
    acknowledged += other.acknowledged
    doubtful.formUnion(other.doubtful)
    refused.formUnion(other.refused)
  }
}
