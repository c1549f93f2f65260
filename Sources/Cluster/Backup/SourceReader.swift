internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer

/// Reads a log that is to be copied, one stretch after the other.
///
/// It remembers nothing: where it is stands in the ``Place``. So the next stretch can be read while
/// the one before is written.
struct SourceReader: Sendable {
  private let log: ClusterLog

  /// A reader.
  init(of log: ClusterLog) {
    self.log = log
  }

  /// Where the reading is.
  struct Place: Sendable {
    /// The next position.
    var next: Position
    /// All before it is trimmed in the log.
    fileprivate(set) var begin = Position.zero
    /// Where the log ended when that was last asked.
    fileprivate var end = Position.zero
    fileprivate var asked: ContinuousClock.Instant?
    fileprivate var size = CopySize()

    init(at next: Position) {
      self.next = next
    }
  }

  /// What stands at some positions in a row; none at the end of the log.
  struct Stretch: Sendable {
    let first: Position
    let slots: [Slot]
    /// Where the next one begins.
    let place: Place

    /// Behind its last position.
    var end: Position { first.advanced(by: slots.count) }
  }

  /// A stretch has no more positions than this.
  static let slotsMax = 1024
  /// Trims and the end are asked for so often at least.
  private static let askedMax = Duration.milliseconds(500)
  /// So many holes are waited for at once.
  private static let holesMax = 64

  /// Reads the next stretch: what is trimmed from its beginning on as a whole is left out.
  ///
  /// What stands before something that cannot be read is read first, and told; then comes why.
  func stretch(from place: Place) async -> Result<Stretch, BackupError> {
    do throws(BackupError) {
      return .success(try await read(from: place))
    } catch {
      return .failure(error)
    }
  }

  private func read(from old: Place) async throws(BackupError) -> Stretch {
    var place = old
    let now = ContinuousClock.now
    if place.next >= place.end || place.asked.map({ now - $0 > Self.askedMax }) ?? true {
      let (begin, end) = try await extent()
      place.begin = max(place.begin, begin)
      place.end = max(place.end, end)
      place.next = max(place.next, place.begin)
      place.asked = now
    }
    let first = place.next
    var slots: [Slot] = []
    var bytes = 0
    while place.next < place.end, slots.count < Self.slotsMax, bytes < CopySize.bytesMax {
      let rest = min(Self.slotsMax - slots.count, place.next.distance(to: place.end))
      let upTo = place.next.advanced(by: min(place.size.count, rest))
      let piece: [Slot]
      do throws(BackupError) {
        piece = try await self.slots(place.next..<upTo)
      } catch {
        // It is met again by the next stretch, which begins with it.
        if slots.isEmpty { throw error }
        break
      }
      place.size.learn(from: piece)
      place.next = place.next.advanced(by: piece.count)
      bytes += piece.reduce(0) { $0 + $1.payloadBytes }
      slots += piece
    }
    return Stretch(first: first, slots: slots, place: place)
  }

  /// From where on not all is trimmed, and where the log ends.
  func extent() async throws(BackupError) -> (begin: Position, end: Position) {
    do throws(LogError) {
      let end = try await log.tail()
      return (min(try await log.trimMark(from: .zero), end), end)
    } catch {
      throw .log(error)
    }
  }

  /// Where the log ends, as its sequencer has it: nothing is waited for or filled.
  ///
  /// - Returns: The end; `nil` if nobody says.
  func lookAtEnd() async -> Position? {
    do throws(LogError) {
      return try await log.ends(of: []).snapshot.position
    } catch {
      return nil  // Whoever reads the log is told why.
    }
  }

  /// What stands at positions that were handed out, holes filled; less, but never nothing, if
  /// something among them is lost.
  func slots(_ range: Range<Position>) async throws(BackupError) -> [Slot] {
    do throws(LogError) {
      var slots = try await readable(range)
      let holes = slots.indices.filter { slots[$0] == .empty }
      for start in stride(from: 0, to: holes.count, by: Self.holesMax) {
        let some = holes[start..<min(holes.count, start + Self.holesMax)]
        for (index, slot) in await settled(some, from: range.lowerBound) {
          slots[index] = try slot.get()
        }
      }
      return slots
    } catch {
      throw .log(error)
    }
  }

  private func readable(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    do throws(LogError) {
      return try await log.read(range)
    } catch .lost(let position) where position > range.lowerBound {
      return try await log.read(range.lowerBound..<position)
    }
  }

  /// Waits for holes, all at once: a client that died with many positions holds nobody up for long.
  private func settled(
    _ holes: ArraySlice<Int>,
    from first: Position
  ) async -> [(index: Int, slot: Result<Slot, LogError>)] {
    await withTaskGroup(of: (index: Int, slot: Result<Slot, LogError>).self) { group in
      for index in holes {
        group.addTask { (index, await self.settled(first.advanced(by: index))) }
      }
      var all: [(index: Int, slot: Result<Slot, LogError>)] = []
      for await one in group { all.append(one) }
      return all
    }
  }

  private func settled(_ position: Position) async -> Result<Slot, LogError> {
    do throws(LogError) {
      return .success(try await log.settle(position))
    } catch {
      return .failure(error)
    }
  }
}
