/// A set of keys, in order.
public struct SetState: ReplicatedState, Equatable {
  /// What changes a set.
  public enum Update: BinaryCodable, Equatable, Sendable {
    /// Adds a member.
    case insert(LogKey)
    /// Takes a member away.
    case remove(LogKey)
    /// Takes all members away.
    case removeAll
  }

  private var members: OrderedTree<LogKey, Bool> = OrderedTree()

  /// An empty set.
  public init() {}

  /// How many members there are.
  public var count: Int { members.count }

  /// Whether a key is a member.
  public func contains(_ key: LogKey) -> Bool {
    members.contains(key)
  }

  /// All members, the smallest first; or the largest.
  public func elements(_ order: TreeOrder = .ascending) -> some Sequence<LogKey> {
    members.elements(order).lazy.map(\.key)
  }

  /// The members in an interval, such as `"a"..<"c"`.
  public func elements(
    in interval: some KeyInterval<LogKey>,
    _ order: TreeOrder = .ascending
  ) -> some Sequence<LogKey> {
    members.elements(in: interval, order).lazy.map(\.key)
  }

  /// Changes the set.
  ///
  /// - Returns: Whether anything changed: of two that insert the same, one does.
  public mutating func apply(_ update: Update) -> Bool {
    switch update {
    case .insert(let key): return members.updateValue(true, forKey: key) == nil
    case .remove(let key): return members.removeValue(forKey: key) != nil
    case .removeAll:
      defer { members = OrderedTree() }
      return !members.isEmpty
    }
  }

  /// The one member; `nil` if all are taken away.
  public static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .insert(let key), .remove(let key): [key]
    case .removeAll: nil
    }
  }

  public var pieces: some Sequence<LogKey> { elements() }

  public mutating func restore(_ piece: LogKey) {
    members[piece] = true
  }
}

// [0, key] inserts, [1, key] removes, [2] removes all.
extension SetState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .insert(let key):
      writer.begin(update: 0, parts: 1)
      try key.write(to: &writer)
    case .remove(let key):
      writer.begin(update: 1, parts: 1)
      try key.write(to: &writer)
    case .removeAll: writer.begin(update: 2, parts: 0)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    switch try reader.beginUpdate(parts: 1, 1, 0) {
    case 0: self = .insert(try LogKey(reading: &reader))
    case 1: self = .remove(try LogKey(reading: &reader))
    default: self = .removeAll
    }
  }
}
