/// Values in a row; any of them is reached, inserted before and removed in O(log *n*).
public struct ListState<Value: Codable & Sendable>: ReplicatedState {
  /// What changes a list.
  public enum Update: BinaryCodable, Sendable {
    /// Puts a value at the end.
    case append(Value)
    /// Puts a value before the one at an index; at the count, at the end.
    case insert(Value, at: Int)
    /// Gives an index another value.
    case set(Value, at: Int)
    /// Takes the value at an index away.
    case remove(at: Int)
  }

  /// What came of an update.
  public enum Outcome: Sendable {
    /// The new value stands here.
    case inserted(at: Int)
    /// This value stood there before.
    case replaced(Value)
    /// This value stood there, and does no more.
    case removed(Value)
    /// There is no such index; nothing changed.
    case outOfRange(count: Int)
  }

  private var values: OrderedTree<ListPlace, Value> = OrderedTree()

  /// An empty list.
  public init() {}

  /// How many values there are.
  public var count: Int { values.count }

  /// The value at an index; `nil` if there is none.
  public subscript(index: Int) -> Value? {
    0 <= index && index < count ? values.element(at: index).value : nil
  }

  /// All values in a row.
  public func elements() -> some Sequence<Value> {
    values.lazy.map(\.value)
  }

  public mutating func apply(_ update: Update) -> Outcome {
    switch update {
    case .append(let value): return insert(value, at: count)
    case .insert(let value, let index):
      return 0 <= index && index <= count ? insert(value, at: index) : .outOfRange(count: count)
    case .set(let value, let index):
      guard 0 <= index && index < count else { return .outOfRange(count: count) }
      return .replaced(values.replaceValue(at: index, with: value))
    case .remove(let index):
      guard 0 <= index && index < count else { return .outOfRange(count: count) }
      return .removed(values.remove(at: index).value)
    }
  }

  private mutating func insert(_ value: Value, at index: Int) -> Outcome {
    values.insert(ListPlace(), value, at: index)
    return .inserted(at: index)
  }

  public var pieces: some Sequence<Value> { elements() }

  public mutating func restore(_ piece: Value) {
    _ = insert(piece, at: count)
  }
}

extension ListState: Equatable where Value: Equatable {}
extension ListState.Update: Equatable where Value: Equatable {}
extension ListState.Outcome: Equatable where Value: Equatable {}

/// The key of every value of a list: its place is its index alone.
private struct ListPlace: TreeKey, Sendable {
  static func < (left: ListPlace, right: ListPlace) -> Bool { false }
}

// [0, value] appends, [1, value, index] inserts, [2, value, index] sets, [3, index] removes.
extension ListState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .append(let value):
      writer.begin(update: 0, parts: 1)
      try writer.write(value)
    case .insert(let value, let index):
      writer.begin(update: 1, parts: 2)
      try writer.write(value)
      writer.write(Int64(index))
    case .set(let value, let index):
      writer.begin(update: 2, parts: 2)
      try writer.write(value)
      writer.write(Int64(index))
    case .remove(let index):
      writer.begin(update: 3, parts: 1)
      writer.write(Int64(index))
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    switch try reader.beginUpdate(parts: 1, 2, 2, 1) {
    case 0: self = .append(try reader.read())
    case 1: self = .insert(try reader.read(), at: try reader.integer())
    case 2: self = .set(try reader.read(), at: try reader.integer())
    default: self = .remove(at: try reader.integer())
    }
  }
}
