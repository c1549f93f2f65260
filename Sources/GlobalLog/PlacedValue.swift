/// A value on its way to a position: an entry, junk, or permission to forget what stands there.
public struct PlacedValue: Hashable, Sendable {
  /// Where it goes.
  public let position: Position
  /// What goes there.
  public let value: Slot

  /// A value for a position.
  ///
  /// - Parameters:
  ///   - value: Data, junk or trimmed: nothing is ever written to be empty.
  ///   - position: Where it goes.
  public init(_ value: Slot, at position: Position) {
    self.value = value
    self.position = position
  }
}

/// What came of writing one value.
public enum WriteAnswer: Hashable, Sendable {
  /// It stands there, durably.
  case written
  /// This stood there before, durably: data, junk, or `trimmed` (R1).
  case taken(Slot)
  /// It was not written, for this reason.
  case refused(LogError)
}
