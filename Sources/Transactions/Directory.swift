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
    /// Allow to forget what stands before a position, as far as no name needs it.
    case forget(before: UInt64)
  }

  /// What a checkpoint consists of.
  public enum Piece: Codable, Hashable, Sendable {
    /// A name, and what is known of it.
    case name(String, Item)
    /// All before it may be forgotten.
    case forgotten(UInt64)
  }

  /// The directory itself.
  static let item = Item(number: 0, kind: .object, type: typeName, createdAt: 0, mark: 0)
  /// The longest name, in bytes.
  public static let nameBytesMax = 255

  private var items = OrderedTree<String, Item>()
  private var forgottenBefore: UInt64 = 0

  public init() {}

  /// What is known of a name.
  public subscript(name: String) -> Item? { items[name] }

  /// Everything before it may be forgotten: whatever is entered from now on begins behind it (R38).
  public var forgotten: Position { Position(forgottenBefore) }

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
        // Who enters it may not have heard of the last trims.
        createdAt: max(position, forgottenBefore),
        mark: 0
      )
      items.updateValue(item, forKey: name)
      return item
    case .mark(let name, let mark):
      guard var item = items[name] else { return nil }
      item.mark = max(item.mark, mark)
      items.updateValue(item, forKey: name)
      return item
    case .forget(let mark):
      let marks = items.map { $0.value.trimMark.number }
      let needed = planted(.trimsBeyondCheckpoints) ? mark : marks.min() ?? mark
      forgottenBefore = max(forgottenBefore, min(mark, needed))
      return nil
    }
  }

  public static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .enter(let name, _, _, _), .mark(let name, _): [.string(name)]
    case .forget: nil
    }
  }

  public var pieces: [Piece] {
    [.forgotten(forgottenBefore)] + items.map { .name($0.key, $0.value) }
  }

  public mutating func restore(_ piece: Piece) {
    switch piece {
    case .name(let name, let item): items.updateValue(item, forKey: name)
    case .forgotten(let mark): forgottenBefore = mark
    }
  }
}
