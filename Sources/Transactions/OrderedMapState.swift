/// A value that is found not only by its key.
///
/// ```swift
/// struct Account: IndexedValue {
///   enum Index: CaseIterable { case owner, balance }
///   var owner: String
///   var balance: Int64
///
///   func keys(in index: Index) -> [LogKey] {
///     switch index {
///     case .owner: [.string(owner)]
///     case .balance: [.integer(balance)]
///     }
///   }
/// }
/// ```
public protocol IndexedValue: Codable, Sendable {
  /// The names of the indexes.
  associatedtype Index: CaseIterable, Hashable, Sendable

  /// What the value is found by in an index: nothing, one key or several.
  ///
  /// It depends on the value alone. Other values may have the same keys: no index is unique. Who
  /// wants one that is looks the key up in the transaction that puts the value.
  func keys(in index: Index) -> [LogKey]
}

/// Values by key and by what their indexes say, all in order.
///
/// Indexes are not in the log. They follow from the values, so a new version of a program may have
/// others.
public struct OrderedMapState<Value: IndexedValue>: ReplicatedState {
  /// What changes a map.
  public typealias Update = MapState<Value>.Update

  private var map = MapState<Value>()
  private var indexes: [Value.Index: OrderedTree<IndexPlace, Bool>] = [:]

  /// An empty map.
  public init() {}

  /// How many keys there are.
  public var count: Int { map.count }

  /// The value of a key.
  public subscript(key: LogKey) -> Value? { map[key] }

  /// All keys and values, the smallest key first; or the largest.
  public func elements(_ order: TreeOrder = .ascending) -> TreeElements<LogKey, Value> {
    map.elements(order)
  }

  /// The keys and values in an interval of keys, such as `"a"..<"c"`.
  public func elements(
    in interval: some KeyInterval<LogKey>,
    _ order: TreeOrder = .ascending
  ) -> TreeElements<LogKey, Value> {
    map.elements(in: interval, order)
  }

  /// The keys and values that stand in an interval of an index, in the order of the index.
  ///
  /// Where the index says the same of several, they come in the order of their keys. A value with
  /// several keys in the interval comes once for each.
  public func elements(
    by index: Value.Index,
    in interval: some KeyInterval<LogKey>,
    _ order: TreeOrder = .ascending
  ) -> some Sequence<(key: LogKey, value: Value)> {
    let places = indexes[index] ?? OrderedTree()
    return places.elements(in: IndexInterval(interval), order).lazy.compactMap { place, _ in
      place.key.flatMap { key in map[key].map { (key: key, value: $0) } }
    }
  }

  /// Changes the map, and its indexes with it.
  ///
  /// - Returns: The value that the key had; of `removeAll`, nothing.
  public mutating func apply(_ update: Update) -> Value? {
    let old = map.apply(update)
    switch update {
    case .put(let key, let value):
      if let old { forget(old, at: key) }
      for index in Value.Index.allCases {
        for found in value.keys(in: index) {
          indexes[index, default: OrderedTree()][IndexPlace(found: found, key: key)] = true
        }
      }
    case .remove(let key): if let old { forget(old, at: key) }
    case .removeAll: indexes = [:]
    }
    return old
  }

  private mutating func forget(_ value: Value, at key: LogKey) {
    for index in Value.Index.allCases {
      for found in value.keys(in: index) {
        indexes[index]?.removeValue(forKey: IndexPlace(found: found, key: key))
      }
    }
  }

  /// The one key; `nil` if all are taken away.
  public static func keys(writtenBy update: Update) -> [LogKey]? {
    MapState<Value>.keys(writtenBy: update)
  }

  public var pieces: some Sequence<MapPiece<Value>> { map.pieces }

  public mutating func restore(_ piece: MapPiece<Value>) {
    _ = apply(.put(piece.key, piece.value))
  }

  /// Traps if the indexes do not say what the values do.
  func checkInvariants() {
    for index in Value.Index.allCases {
      let places = (indexes[index] ?? OrderedTree()).map(\.key)
      let said = map.elements().flatMap { key, value in
        Set(value.keys(in: index)).map { IndexPlace(found: $0, key: key) }
      }
      precondition(places == said.sorted(), "an index differs from the values")
    }
  }
}

extension OrderedMapState: Equatable where Value: Equatable {
  /// Whether both have the same values: the indexes follow.
  public static func == (left: OrderedMapState, right: OrderedMapState) -> Bool {
    left.map == right.map
  }
}

/// A place in an index: what an entry is found by, then its key.
private struct IndexPlace: TreeKey, Sendable {
  let found: LogKey
  /// `nil` stands before all.
  let key: LogKey?
  /// Stands behind all others of the same `found`.
  var isEnd = false

  var coarse: UInt64 { found.coarse }

  static func < (left: IndexPlace, right: IndexPlace) -> Bool {
    if left.found != right.found { return left.found < right.found }
    if left.isEnd || right.isEnd { return !left.isEnd }
    guard let key = right.key else { return false }
    return left.key.map { $0 < key } ?? true
  }
}

/// The places in an index whose `found` lies in an interval.
private struct IndexInterval: KeyInterval {
  let lower: KeyBound<IndexPlace>?
  let upper: KeyBound<IndexPlace>?

  init(_ interval: some KeyInterval<LogKey>) {
    lower = interval.lower.map {
      KeyBound(IndexPlace(found: $0.key, key: nil, isEnd: !$0.isIncluded), isIncluded: true)
    }
    upper = interval.upper.map {
      KeyBound(IndexPlace(found: $0.key, key: nil, isEnd: $0.isIncluded), isIncluded: false)
    }
  }
}
