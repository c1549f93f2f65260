/// A number that goes up and down.
public struct CounterState: ReplicatedState, Codable, Equatable {
  /// What changes a counter.
  public enum Update: BinaryCodable, Equatable, Sendable {
    /// Adds a number, which may be negative.
    case add(Int64)
  }

  /// The number.
  public private(set) var value: Int64 = 0

  /// A counter at 0.
  public init() {}

  /// Adds.
  ///
  /// - Returns: The new number; `nil` if it would not fit, and so nothing changed.
  public mutating func apply(_ update: Update) -> Int64? {
    switch update {
    case .add(let number):
      let (sum, isTooLarge) = value.addingReportingOverflow(number)
      guard !isTooLarge else { return nil }
      value = sum
      return sum
    }
  }
}

// [0, number] adds.
extension CounterState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .add(let number):
      writer.begin(update: 0, parts: 1)
      writer.write(number)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    _ = try reader.beginUpdate(parts: 1)
    self = .add(try reader.integer())
  }
}
