/// Values that wait: who comes first goes first.
///
/// A value is popped by one update, at one position of the log, so one client has it and no other.
public struct QueueState<Value: Codable & Sendable>: ReplicatedState {
  /// What changes a queue.
  public enum Update: BinaryCodable, Sendable {
    /// Puts a value at the end.
    case push(Value)
    /// Takes the first value away.
    case pop
  }

  /// What came of an update.
  public enum Outcome: Sendable {
    /// So many values wait now.
    case pushed(count: Int)
    /// This was the first value; it is whose update this was.
    case popped(Value)
    /// No value waited; nothing changed.
    case empty
  }

  /// By number, from the first that ever came.
  private var values: OrderedTree<Int, Value> = OrderedTree()
  private var next = 0

  /// An empty queue.
  public init() {}

  /// How many values wait.
  public var count: Int { values.count }

  /// The first value, which stays.
  public var first: Value? { values.first?.value }

  /// The values in the order in which they came.
  public func elements() -> some Sequence<Value> {
    values.lazy.map(\.value)
  }

  public mutating func apply(_ update: Update) -> Outcome {
    switch update {
    case .push(let value):
      restore(value)
      return .pushed(count: count)
    case .pop: return values.isEmpty ? .empty : .popped(values.remove(at: 0).value)
    }
  }

  public var pieces: some Sequence<Value> { elements() }

  public mutating func restore(_ piece: Value) {
    values[next] = piece
    next += 1
  }
}

extension QueueState: Equatable where Value: Equatable {
  /// Whether the same values wait, whatever came before them.
  public static func == (left: QueueState, right: QueueState) -> Bool {
    left.count == right.count && left.elements().elementsEqual(right.elements())
  }
}

extension QueueState.Update: Equatable where Value: Equatable {}
extension QueueState.Outcome: Equatable where Value: Equatable {}

// [0, value] pushes, [1] pops.
extension QueueState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .push(let value):
      writer.begin(update: 0, parts: 1)
      try writer.write(value)
    case .pop: writer.begin(update: 1, parts: 0)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    switch try reader.beginUpdate(parts: 1, 0) {
    case 0: self = .push(try reader.read())
    default: self = .pop
    }
  }
}
