public import CorfuGlobalLog

/// Where a range is copied from: a unit of this process, or one behind messages.
public protocol CopySource: Sendable {
  /// Reads positions, in increasing order.
  ///
  /// - Returns: For each what stands there, or ``LogError/corrupt(_:)`` or
  ///   ``LogError/unknown(_:)``.
  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>]

  /// The positions of a range that are trimmed, as ranges in order.
  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>]
}

/// Where a range is copied to.
///
/// It can be read, too: a copy that nobody looked at proves nothing.
public protocol CopyTarget: CopySource {
  /// Writes data and junk to positions, unless something stands there.
  ///
  /// Durable on return.
  ///
  /// - Returns: An answer for each value, in order.
  func write(_ values: [PlacedValue]) async throws(LogError) -> [WriteAnswer]

  /// Trims all positions of ranges, also those where nothing stands yet.
  ///
  /// Durable on return.
  func trim(_ ranges: [Range<Position>]) async throws(LogError)
}

extension GroupCommit: CopyTarget {
  /// Reads positions, in increasing order.
  public func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    try reader.read(each: positions)
  }

  /// The positions of a range that are trimmed, as ranges in order.
  public func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    reader.trims(in: range)
  }

  /// Writes data and junk to positions, in the epoch of a log without a layout.
  public func write(_ values: [PlacedValue]) async throws(LogError) -> [WriteAnswer] {
    try await write(values, epoch: .zero)
  }
}
