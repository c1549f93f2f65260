/// How hard a store is scrubbed.
public struct ScrubLimits: Hashable, Sendable {
  /// How much is read in a second, at most.
  public var bytesPerSecond = 8 << 20
  /// How long to rest after each pass.
  public var pause = Duration.seconds(600)

  /// The defaults.
  public init() {}
}

extension StoreReader {
  /// Reads all closed segments again and again, so that rot is found before it is asked for (D13).
  ///
  /// Ends when its task is cancelled or the disk fails.
  ///
  /// - Parameters:
  ///   - limits: How hard to work.
  ///   - clock: What rate and pauses are held by.
  ///   - onEvent: Hears of what is damaged, and of the end of each pass.
  public func keepScrubbing(
    _ limits: ScrubLimits,
    clock: some Clock<Duration>,
    onEvent: (StoreEvent) -> Void
  ) async {
    while !Task.isCancelled {
      do {
        try await scrub(bytesPerSecond: limits.bytesPerSecond, clock: clock, onEvent: onEvent)
        try await clock.sleep(for: limits.pause)
      } catch {
        // Cancelled, or a disk that the next write will find out about as well.
        return
      }
    }
  }

  /// Reads every closed segment once, at a set rate, so that rot is found before it is asked for
  /// (D13).
  ///
  /// - Parameters:
  ///   - bytesPerSecond: How much to read, at most.
  ///   - clock: What the rate is held by.
  ///   - onEvent: Hears of each damaged record or index page, and of the end.
  /// - Throws: ``LogError/failed(_:)`` if the disk is gone.
  public func scrub(
    bytesPerSecond: Int,
    clock: some Clock<Duration>,
    onEvent: (StoreEvent) -> Void
  ) async throws(LogError) {
    var segments = 0
    var bytes = 0
    for segment in closedSegments {
      let pause = Duration.seconds(segment.trailer.end) / bytesPerSecond
      do {
        // The pause comes first: a scrub must not add to the load of opening.
        try await clock.sleep(for: pause)
      } catch {
        return  // Cancelled: whoever asked has stopped asking.
      }
      guard try scrub(segment, onEvent) else { continue }
      segments += 1
      bytes += segment.trailer.end
      if planted(.scrubsOneSegment) { break }
    }
    onEvent(.scrubbed(segments: segments, bytes: bytes))
  }

  /// - Returns: Whether the segment was still there.
  private func scrub(
    _ segment: ClosedSegment,
    _ onEvent: (StoreEvent) -> Void
  ) throws(LogError) -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try files.file(segment.number).read(at: 0, count: segment.trailer.end)
    } catch .notFound {
      return false
    } catch .failed {
      // A part of the disk that cannot be read is damage like any other; the scrub goes on.
      onEvent(.rotFound(segment: segment.number, nil))
      return true
    } catch {
      throw .failed(error)
    }
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: identity.unit,
      segment: segment.number,
      durable: segment.trailer.begin
    )
    for loss in scan.losses {
      onEvent(.rotFound(segment: segment.number, loss.record?.position))
    }
    // What was carried here as lost, and nobody has brought back since.
    for found in scan.found where found.header.kind == .lost {
      let position = found.header.position
      if isDamaged(position) { onEvent(.rotFound(segment: segment.number, position)) }
    }
    for _ in segment.damagedPages(in: bytes.span.bytes) {
      onEvent(.rotFound(segment: segment.number, nil))
    }
    return true
  }

  private func isDamaged(_ position: Position) -> Bool {
    do {
      _ = try read(position)
      return false
    } catch {
      return error == .corrupt(position)
    }
  }

  /// Positions whose records opening found lost, and that nobody has brought back since.
  ///
  /// Those that closed segments tell of are found by the scrub.
  public var lostPositions: [Position] {
    let noted = update { index in
      index.open.values.filter { $0.entry.kind == .lost }.map(\.entry.position)
    }
    return noted.sorted().filter { isDamaged($0) }
  }
}
