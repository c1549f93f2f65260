/// What stands at a position.
///
/// A slot goes empty → data or junk → trimmed, or empty → trimmed, never back.
public enum Slot: Hashable, Sendable {
  /// Nothing yet: an append may still land here.
  case empty
  /// A client's entry.
  case data(Entry)
  /// A filler's mark: nothing will ever stand here. Readers skip it.
  case junk
  /// Permission to forget was given, and used.
  case trimmed

  /// Whether a write would be refused.
  public var isTaken: Bool { self != .empty }
}

extension Slot: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "empty"
    case .data(let entry): "data \(entry.mark), \(entry.payload.count) bytes"
    case .junk: "junk"
    case .trimmed: "trimmed"
    }
  }
}
