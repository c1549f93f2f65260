public import CorfuGlobalLog

/// The right to write some positions that nobody else was given, in one epoch.
///
/// A token is used for the appends that it was asked for, and is never kept in stock: an entry
/// written with an old one would stand before others that had been acknowledged (R10).
public struct Token: Hashable, Sendable {
  /// The epoch that it is good for; a write with it carries this epoch.
  public let epoch: Epoch
  /// The first of its positions.
  public let first: Position
  /// How many positions it is for; at least one.
  public let count: Int
  /// The links of the entry at the first position, one for each stream it was asked for.
  public let links: [StreamLink]

  /// How many positions a token may be for.
  public static let countMax = 1 << 16
  /// How many streams a token may be for.
  public static let streamsMax = 64

  /// A token for positions side by side.
  public init(epoch: Epoch, first: Position, count: Int, links: [StreamLink] = []) {
    self.epoch = epoch
    self.first = first
    self.count = count
    self.links = links
  }

  /// Its positions.
  public var positions: Range<Position> { first..<first.advanced(by: count) }

  /// The links of one of its entries: they lead to the token's entries before it first, and only
  /// then to those that were there already (R31).
  ///
  /// - Parameter index: Which entry, from 0 up to `count`.
  /// - Returns: A link for each stream, positions newest first.
  public func links(ofEntry index: Int) -> [StreamLink] {
    precondition(index >= 0 && index < count, "a token of \(count) has no entry \(index)")
    if index == 0 || links.isEmpty { return links }
    let own = (1...min(index, StreamLink.backpointersMax)).map { back in
      first.advanced(by: index - back)
    }
    return links.map { link in
      // Where the token's own entries suffice, what was before them need not be known.
      if own.count == StreamLink.backpointersMax {
        return StreamLink(stream: link.stream, previous: own)
      }
      return StreamLink(stream: link.stream, previous: link.previous.map { own + $0 })
    }
  }
}

extension Token: CustomStringConvertible {
  public var description: String {
    let places = count == 1 ? "\(first)" : "\(first)..<\(first.advanced(by: count))"
    return "\(places) in epoch \(epoch)"
  }
}
