/// Values by key, in the order of the keys.
public struct MapState<Value: Codable & Sendable>: ReplicatedState {
  /// What changes a map.
  public enum Update: BinaryCodable, Sendable {
    /// Gives a key a value.
    case put(LogKey, Value)
    /// Takes a key away.
    case remove(LogKey)
    /// Takes all keys away.
    case removeAll
  }

  private var entries: OrderedTree<LogKey, Value> = OrderedTree()

  /// An empty map.
  public init() {}

  /// How many keys there are.
  public var count: Int { entries.count }

  /// The value of a key.
  public subscript(key: LogKey) -> Value? { entries[key] }

  /// All keys and values, the smallest key first; or the largest.
  public func elements(_ order: TreeOrder = .ascending) -> TreeElements<LogKey, Value> {
    entries.elements(order)
  }

  /// The keys and values in an interval of keys, such as `"a"..<"c"`.
  public func elements(
    in interval: some KeyInterval<LogKey>,
    _ order: TreeOrder = .ascending
  ) -> TreeElements<LogKey, Value> {
    entries.elements(in: interval, order)
  }

  /// Changes the map.
  ///
  /// - Returns: The value that the key had; of ``Update/removeAll``, nothing.
  public mutating func apply(_ update: Update) -> Value? {
    switch update {
    case .put(let key, let value): return entries.updateValue(value, forKey: key)
    case .remove(let key): return entries.removeValue(forKey: key)
    case .removeAll:
      entries = OrderedTree()
      return nil
    }
  }

  /// The one key; `nil` if all are taken away.
  public static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .put(let key, _), .remove(let key): [key]
    case .removeAll: nil
    }
  }

  public var pieces: some Sequence<MapPiece<Value>> {
    entries.lazy.map { MapPiece(key: $0.key, value: $0.value) }
  }

  public mutating func restore(_ piece: MapPiece<Value>) {
    entries.updateValue(piece.value, forKey: piece.key)
  }
}

extension MapState: Equatable where Value: Equatable {}

/// A key of a map and its value, as a checkpoint has them.
public struct MapPiece<Value: Codable & Sendable>: BinaryCodable, Sendable {
  /// The key.
  public let key: LogKey
  /// Its value.
  public let value: Value

  init(key: LogKey, value: Value) {
    self.key = key
    self.value = value
  }

  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    writer.beginArray(count: 2)
    try key.write(to: &writer)
    try writer.write(value)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    try reader.beginArray(count: 2)
    key = try LogKey(reading: &reader)
    value = try reader.read()
  }
}

// [0, key, value] puts, [1, key] removes, [2] removes all.
extension MapState.Update {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .put(let key, let value):
      writer.begin(update: 0, parts: 2)
      try key.write(to: &writer)
      try writer.write(value)
    case .remove(let key):
      writer.begin(update: 1, parts: 1)
      try key.write(to: &writer)
    case .removeAll: writer.begin(update: 2, parts: 0)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    switch try reader.beginUpdate(parts: 2, 1, 0) {
    case 0: self = .put(try LogKey(reading: &reader), try reader.read())
    case 1: self = .remove(try LogKey(reading: &reader))
    default: self = .removeAll
    }
  }
}

extension MapState.Update: Equatable where Value: Equatable {}
