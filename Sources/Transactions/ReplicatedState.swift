/// A state that is the same wherever the same updates were applied in the same order.
///
/// This is all that a replicated object is made of. The log orders the updates; whoever plays them
/// has the object. So ``apply(_:)`` may depend on nothing but the state and the update: no clock,
/// no chance, no order of a `Set` or a `Dictionary`, nothing from outside.
///
/// ```swift
/// struct LogicalSwitch: ReplicatedState, Codable {
///   enum Update: Codable { case enable(port: Int), disable(port: Int) }
///   var ports: [Int: Bool] = [:]
///
///   mutating func apply(_ update: Update) -> Bool {
///     switch update {
///     case .enable(let port): ports.updateValue(true, forKey: port) ?? false
///     case .disable(let port): ports.updateValue(false, forKey: port) ?? false
///     }
///   }
/// }
/// ```
/// An update that cannot be applied changes nothing, everywhere alike, and its outcome says so.
public protocol ReplicatedState: Sendable {
  /// What changes the state, as it stands in the log.
  ///
  /// ``BinaryCoder`` makes bytes of it. If millions of them are to be played each second, it is
  /// worth making it ``BinaryCodable``.
  associatedtype Update: Codable & Sendable

  /// What an update returns to whoever made it: what was true at the update's own position (R33).
  associatedtype Outcome: Sendable = Void

  /// A part of a checkpoint, about as large as an update, so that neither who writes a checkpoint
  /// nor who reads it needs room for a second state.
  associatedtype Piece: Codable & Sendable

  /// The parts of a checkpoint in order, made as they are asked for.
  associatedtype Pieces: Sequence where Pieces.Element == Piece

  /// The type's name, which the directory of all names keeps: an object is opened only as what it
  /// was made as.
  ///
  /// Whoever renames a type in a program says here what it was called before.
  static var typeName: String { get }

  /// The state before the first update.
  init()

  /// Applies the next update.
  @discardableResult
  mutating func apply(_ update: Update) -> Outcome

  /// The keys that an update writes, for telling which transactions are in each other's way (R34).
  ///
  /// - Returns: The keys; `nil` for the whole object, which conflicts with every other update.
  static func keys(writtenBy update: Update) -> [LogKey]?

  /// What a checkpoint of this state consists of.
  var pieces: Pieces { get }

  /// Takes in the next piece of a checkpoint.
  ///
  /// All pieces, in order, make the state out of an initial one.
  mutating func restore(_ piece: Piece)
}

extension ReplicatedState {
  /// The name in the program: `MapState<Int>`.
  public static var typeName: String { "\(Self.self)" }

  /// The whole object: always right, though transactions meet more often than they must.
  public static func keys(writtenBy update: Update) -> [LogKey]? { nil }
}

// A small state is one piece.
extension ReplicatedState where Self: Codable {
  public var pieces: CollectionOfOne<Self> { CollectionOfOne(self) }

  public mutating func restore(_ piece: Self) {
    self = piece
  }
}
