/// A piece of a segment's file: of a record, or of what is read at once.
public struct FilePiece: Hashable, Sendable {
  /// Whose file.
  public let segment: UInt32
  /// Where it begins, in bytes.
  public let offset: Int
  /// How long it is.
  public let byteCount: Int

  /// A piece.
  public init(segment: UInt32, offset: Int, byteCount: Int) {
    self.segment = segment
    self.offset = offset
    self.byteCount = byteCount
  }

  /// Where it ends: the next piece may begin there.
  public var end: Int { offset + byteCount }

  /// Whether all of another piece lies in it.
  public func holds(_ other: FilePiece) -> Bool {
    segment == other.segment && offset <= other.offset && other.end <= end
  }
}

/// Says how much is read at once by somebody who wants many records: the part that exercise 1.5
/// builds.
///
/// What was read last is kept. Whoever wants a record that lies in it reads nothing.
public protocol ReadSizing: Sendable {
  /// Begins a pass over some positions, upwards.
  ///
  /// - Parameter sideBySide: Whether they stand side by side, and so, mostly, do their records; of
  ///   others that has to be seen.
  init(sideBySide: Bool)

  /// How many records to read at once, as if all were as long as the one that is wanted.
  ///
  /// - Parameters:
  ///   - record: The record that is wanted, and does not lie in what was read last.
  ///   - last: What was read last; `nil` at first.
  ///   - left: How many records are still wanted, this one among them.
  /// - Returns: One or more, and `left` at most; of more than one, no more than have room in
  ///   ``ReadWindow/bytesMax``. They are read from where this one begins.
  mutating func records(from record: FilePiece, after last: FilePiece?, left: Int) -> Int
}

/// Reads more and more at once where records stand side by side, and no more than one elsewhere.
public struct ReadWindow: ReadSizing {
  /// How much is read of a file at once, at most, in bytes; a longer record alone is read whole.
  public static let bytesMax = 1 << 20
  /// How many records are read at once, at most, where it has to be seen that they are neighbours.
  private static let recordsMax = 1024

  /// How many records were read last, or would have been, had there been so many; all there are if
  /// they are known to be neighbours.
  private var window: Int

  public init(sideBySide: Bool) {
    window = sideBySide ? .max : 1
  }

  // exercise 1.5: many records in one read where they are neighbours, and one elsewhere
  public mutating func records(
    from record: FilePiece,
    after last: FilePiece?,
    left: Int
  ) -> Int {
    if window < .max {
      let isNext = last.map { last in
        last.segment == record.segment && (last.offset...last.end).contains(record.offset)
      }
      window = isNext == true ? min(2 * window, Self.recordsMax) : 1
    }
    return max(1, min(window, left, Self.bytesMax / record.byteCount))
  }
  // end 1.5
}
