public import CorfuStripeMirror

/// Tells when a node that was taken out may be part of the cluster again.
///
/// Pure: it is told the time. Whoever goes for the first time may come back at once. Every time
/// that it goes again soon afterwards, it waits twice as long, up to a bound: each of its returns
/// costs an epoch, an emptied disk and a copy of all that it had.
public struct Probation: Equatable, Sendable {
  /// How long the second return waits.
  public let pauseMin: Duration
  /// The longest that a return waits.
  public let pauseMax: Duration

  private var records: [NodeID: Record] = [:]

  private struct Record: Equatable, Sendable {
    /// How often it went, of late.
    var count = 0
    var went = Duration.zero
    var pause = Duration.zero
  }

  /// Nobody has gone yet.
  public init(pauseMin: Duration, pauseMax: Duration) {
    self.pauseMin = pauseMin
    self.pauseMax = pauseMax
  }

  /// A node was taken out.
  public mutating func leave(_ node: NodeID, at now: Duration) {
    var record = records[node] ?? Record()
    // It was well for long enough to be trusted as before.
    if now - record.went > record.pause * 4 + pauseMin * 16 { record.count = 0 }
    record.count += 1
    record.went = now
    record.pause = record.count == 1 ? .zero : min(max(record.pause * 2, pauseMin), pauseMax)
    records[node] = record
  }

  /// Who must still wait.
  public func held(at now: Duration) -> Set<NodeID> {
    Set(records.filter { now - $0.value.went < $0.value.pause }.keys)
  }
}
