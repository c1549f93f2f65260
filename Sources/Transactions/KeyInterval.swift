/// Where an interval of keys begins or ends.
public struct KeyBound<Key> {
  /// The key at the bound.
  public let key: Key
  /// Whether the key itself belongs to the interval.
  public let isIncluded: Bool

  /// A bound.
  public init(_ key: Key, isIncluded: Bool) {
    self.key = key
    self.isIncluded = isIncluded
  }
}

extension KeyBound: Sendable where Key: Sendable {}
extension KeyBound: Equatable where Key: Equatable {}

/// What a range query asks for: `"a"..<"c"`, `"a"..."c"`, `"a"...`, `..<"c"` or `..."c"`.
public protocol KeyInterval<Key> {
  /// What the bounds are.
  associatedtype Key: Comparable
  /// Where it begins; `nil` if before all keys.
  var lower: KeyBound<Key>? { get }
  /// Where it ends; `nil` if behind all keys.
  var upper: KeyBound<Key>? { get }
}

/// The interval of all keys.
public struct EveryKey<Key: Comparable>: KeyInterval {
  /// Asks for everything.
  public init() {}

  public var lower: KeyBound<Key>? { nil }
  public var upper: KeyBound<Key>? { nil }
}

extension Range: KeyInterval {
  public var lower: KeyBound<Bound>? { KeyBound(lowerBound, isIncluded: true) }
  public var upper: KeyBound<Bound>? { KeyBound(upperBound, isIncluded: false) }
}

extension ClosedRange: KeyInterval {
  public var lower: KeyBound<Bound>? { KeyBound(lowerBound, isIncluded: true) }
  public var upper: KeyBound<Bound>? { KeyBound(upperBound, isIncluded: true) }
}

extension PartialRangeFrom: KeyInterval {
  public var lower: KeyBound<Bound>? { KeyBound(lowerBound, isIncluded: true) }
  public var upper: KeyBound<Bound>? { nil }
}

extension PartialRangeUpTo: KeyInterval {
  public var lower: KeyBound<Bound>? { nil }
  public var upper: KeyBound<Bound>? { KeyBound(upperBound, isIncluded: false) }
}

extension PartialRangeThrough: KeyInterval {
  public var lower: KeyBound<Bound>? { nil }
  public var upper: KeyBound<Bound>? { KeyBound(upperBound, isIncluded: true) }
}
