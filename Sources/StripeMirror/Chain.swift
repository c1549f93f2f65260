public import CorfuGlobalLog

/// The ordered replicas of a stripe.
///
/// All clients of an epoch write them in this order, so whatever a replica holds, every replica
/// before it holds too.
public struct Chain: Hashable, Sendable {
  /// Head first, tail last; at least one.
  public let replicas: [UnitName]

  /// A chain of replicas.
  public init(_ replicas: [UnitName]) {
    self.replicas = replicas
  }

  /// Where a value is written first, and races are decided.
  public var head: UnitName? { replicas.first }

  /// Where a value is complete once it has arrived, and where readers ask.
  public var tail: UnitName? { replicas.last }
}

extension Chain: CustomStringConvertible {
  public var description: String { replicas.map(\.description).joined(separator: "→") }
}

/// A run of positions that rotate over the same chains.
public struct Span: Hashable, Sendable {
  /// The first position.
  ///
  /// The span ends where the next one begins.
  public var begin: Position
  /// The chains, in the order of rotation; at least one.
  public var stripes: [Chain]

  /// A span.
  public init(begin: Position, stripes: [Chain]) {
    self.begin = begin
    self.stripes = stripes
  }
}
