internal import Synchronization

/// The reading side of a store.
///
/// Any thread may use it, beside the one that writes.
///
/// A read looks the position up under a lock that nobody holds for long, and reads the record
/// without it: it never waits for a sync.
public final class StoreReader<Storage: Device>: Sendable {
  package let identity: StoreIdentity
  let files: SegmentFiles<Storage>
  private let index: Mutex<StoreIndex>

  init(identity: StoreIdentity, files: SegmentFiles<Storage>, index: StoreIndex) {
    self.identity = identity
    self.files = files
    self.index = Mutex(index)
  }

  /// One past the last position that is not empty.
  public var tail: Position { index.withLock { $0.tail } }

  /// Every position before it is trimmed.
  public var trimMark: Position { index.withLock { $0.trimMark } }

  /// Whether damage may have taken records without a trace, so that absence proves nothing.
  public var isInDoubt: Bool { index.withLock { $0.isInDoubt } }

  /// Reads what stands at a position.
  ///
  /// Throws ``LogError/corrupt(_:)`` and ``LogError/unknown(_:)`` where damage took it, and
  /// ``LogError/failed(_:)`` where the disk is gone.
  public func read(_ position: Position) throws(LogError) -> Slot {
    var reading = RangeReading(reader: self, count: 1, sideBySide: true)
    return try reading.slot(at: position)
  }

  /// Reads a run of positions, whole stretches of a file at a time.
  public func read(_ range: Range<Position>) throws(LogError) -> [Slot] {
    var slots: [Slot] = []
    slots.reserveCapacity(range.count)
    guard !range.isEmpty else { return slots }
    var reading = RangeReading(reader: self, count: range.count, sideBySide: true)
    for position in range { slots.append(try reading.slot(at: position)) }
    return slots
  }

  /// Reads positions, each of which may be damaged by itself.
  ///
  /// - Parameter positions: In any order; the disk is read upwards.
  /// - Returns: For each what stands there, or why that cannot be said: ``LogError/corrupt(_:)`` or
  ///   ``LogError/unknown(_:)``.
  /// - Throws: ``LogError/failed(_:)`` where the disk is gone.
  public func read(each positions: [Position]) throws(LogError) -> [Result<Slot, LogError>] {
    if zip(positions, positions.dropFirst()).allSatisfy({ $0 <= $1 }) {
      return try read(upwards: positions)
    }
    let order = positions.indices.sorted { positions[$0] < positions[$1] }
    let found = try read(upwards: order.map { positions[$0] })
    var slots = found
    for (index, slot) in zip(order, found) { slots[index] = slot }
    return slots
  }

  private func read(upwards positions: [Position]) throws(LogError) -> [Result<Slot, LogError>] {
    var reading = RangeReading(reader: self, count: positions.count, sideBySide: false)
    var slots: [Result<Slot, LogError>] = []
    slots.reserveCapacity(positions.count)
    for position in positions {
      do throws(LogError) {
        slots.append(.success(try reading.slot(at: position)))
      } catch {
        guard case .failed = error else {
          slots.append(.failure(error))
          continue
        }
        throw error
      }
    }
    return slots
  }

  /// The positions of a range that are trimmed, as ranges in order.
  public func trims(in range: Range<Position>) -> [Range<Position>] {
    index.withLock { index in
      var trims = PositionSet()
      trims.insert(range.clamped(to: .zero..<max(range.lowerBound, index.trimMark)))
      trims.insert(contentsOf: index.trims.intersection(range))
      return trims.ranges
    }
  }

  /// Whether all positions of a range are trimmed.
  func isTrimmed(_ range: Range<Position>) -> Bool {
    index.withLock { index in
      let rest = max(range.lowerBound, index.trimMark)
      return rest >= range.upperBound || index.trims.contains(rest..<range.upperBound)
    }
  }

  func find(_ position: Position) -> StoreIndex.Finding {
    index.withLock { $0.find(position) }
  }

  func update<Result: Sendable>(_ body: (inout StoreIndex) -> Result) -> Result {
    index.withLock { body(&$0) }
  }

  /// The segments that were closed so far.
  ///
  /// There is no copy of the whole index to be had: the writer's next change would then copy the
  /// table of the open segment, with every reader waiting.
  var closedSegments: [ClosedSegment] { index.withLock { $0.closed.segments } }

  /// The closed segment with a number; `nil` if there is none any more.
  func closedSegment(_ number: UInt32) -> ClosedSegment? {
    index.withLock { $0.closed.segment(number) }
  }
}
