/// One value, or none yet.
///
/// `compareAndSet(expected: nil, mine)` by several clients is consensus: the log takes one of them
/// first, and each learns from its outcome whose value won.
public struct RegisterState<Value: Codable & Equatable & Sendable>: ReplicatedState, Codable,
  Equatable
{
  /// What changes a register.
  public enum Update: BinaryCodable, Equatable, Sendable {
    /// Sets the value, or takes it away.
    case write(Value?)
    /// Sets the value if it is as expected; `nil` expects that there is none.
    case compareAndSet(expected: Value?, Value?)
  }

  /// What a register was, and whether it was changed.
  public struct Outcome: Equatable, Sendable {
    /// The value before this update: the one that won, if this one lost.
    public let previous: Value?
    /// Whether the new value was set.
    public let isSet: Bool
  }

  /// The value.
  public private(set) var value: Value?

  /// A register without a value.
  public init() {}

  public mutating func apply(_ update: Update) -> Outcome {
    let previous = value
    switch update {
    case .write(let new): value = new
    case .compareAndSet(let expected, let new):
      guard expected == previous else { return Outcome(previous: previous, isSet: false) }
      value = new
    }
    return Outcome(previous: previous, isSet: true)
  }
}

// [0, value] writes, [1, expected, value] compares and sets.
extension RegisterState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .write(let value):
      writer.begin(update: 0, parts: 1)
      try writer.write(value)
    case .compareAndSet(let expected, let value):
      writer.begin(update: 1, parts: 2)
      try writer.write(expected)
      try writer.write(value)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    switch try reader.beginUpdate(parts: 1, 2) {
    case 0: self = .write(try reader.read())
    default: self = .compareAndSet(expected: try reader.read(), try reader.read())
    }
  }
}
