// Exercise 1.5: many records in one read where they are neighbours, and one elsewhere
// Write the body below, then: swift run course check 1.5
import CorfuChecks
public import CorfuGlobalLog

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

  public mutating func records(
    from record: FilePiece,
    after last: FilePiece?,
    left: Int
  ) -> Int {
    TODO("1.5 many records in one read where they are neighbours, and one elsewhere")
  }
}
