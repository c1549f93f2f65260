public import CorfuGlobalLog

/// Which names the log knows, and where each has its stream: itself an object in the log, in a
/// stream that everybody knows.
///
/// Every name has two streams: one for its entries, one for its checkpoints.
public struct Directory: ReplicatedState {
  /// What a name stands for.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// A stream of plain entries.
    case stream
    /// A replicated object.
    case object
  }

  /// What the directory knows of a name.
  public struct Item: Codable, Hashable, Sendable {
    /// Its place among all names.
    public let number: UInt64
    /// What it stands for.
    public let kind: Kind
    /// Of an object, the type that it was made as (``ReplicatedState/typeName``).
    public let type: String?
    /// Its entries stand behind it.
    let createdAt: UInt64
    /// What stands before it may be trimmed: a checkpoint has it, or nobody wants it.
    var mark: UInt64

    /// The stream of its entries.
    public var stream: StreamID { StreamID(number * 2) }
    /// The stream of its checkpoints.
    var checkpoints: StreamID { StreamID(number * 2 + 1) }
    /// Where its first entry can stand.
    public var begin: Position { Position(createdAt) }
    /// All its entries before it may be trimmed (R38).
    public var trimMark: Position { Position(max(mark, createdAt)) }
  }

  /// A change of the directory.
  public enum Update: Codable, Hashable, Sendable {
    /// Give a name its streams, unless it has some.
    case enter(name: String, kind: Kind, type: String?, at: UInt64)
    /// Note up to where a name's entries are not needed any more.
    case mark(name: String, before: UInt64)
  }

  /// A name, and what is known of it: a piece of a checkpoint.
  public struct Piece: Codable, Hashable, Sendable {
    let name: String
    let item: Item
  }

  /// The directory itself.
  static let item = Item(number: 0, kind: .object, type: typeName, createdAt: 0, mark: 0)
  /// The longest name, in bytes.
  public static let nameBytesMax = 255

  private var items = OrderedTree<String, Item>()

  public init() {}

  /// What is known of a name.
  public subscript(name: String) -> Item? { items[name] }

  /// All names, in order.
  public var names: [(name: String, item: Item)] {
    items.map { (name: $0.key, item: $0.value) }
  }

  /// Takes an update, and says what is known of the name afterwards.
  public mutating func apply(_ update: Update) -> Item? {
    switch update {
    case .enter(let name, let kind, let type, let position):
      if let item = items[name] { return item }
      let item = Item(
        number: UInt64(items.count) + 1,
        kind: kind,
        type: type,
        createdAt: position,
        mark: 0
      )
      items.updateValue(item, forKey: name)
      return item
    case .mark(let name, let mark):
      guard var item = items[name] else { return nil }
      item.mark = max(item.mark, mark)
      items.updateValue(item, forKey: name)
      return item
    }
  }

  public static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .enter(let name, _, _, _), .mark(let name, _): [.string(name)]
    }
  }

  public var pieces: [Piece] { items.map { Piece(name: $0.key, item: $0.value) } }

  public mutating func restore(_ piece: Piece) {
    items.updateValue(piece.item, forKey: piece.name)
  }
}
