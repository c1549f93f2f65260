public import CorfuGlobalLog
public import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror

/// An entry, and where it stands.
public struct LogItem: Hashable, Sendable {
  /// Where.
  public let position: Position
  /// What.
  public let entry: Entry

  /// An entry at a position.
  public init(position: Position, entry: Entry) {
    self.position = position
    self.entry = entry
  }
}

/// The log's entries in order, without an end: when there are no more, it waits for the next.
///
/// Junk is skipped. A hole is waited for no longer than the fill timeout, then filled (R21). A
/// trimmed position ends it with `LogError.trimmed`: whoever follows must know that
/// something is missing. If the log was cut, and goes on before the last entry that was told, it
/// ends with `LogError.cut` and the position where: from there on other entries stand now.
///
/// While the client is run, the next positions are read while the present ones are used; without
/// ``Client/run()`` they are read when they are wanted.
///
/// ```swift
/// for try await item in client.entries(from: .zero) {
///   print(item.position, item.entry.payload)
/// }
/// ```
public struct Subscription<Network: Transport, Time: Clock, Kit: Parts>: AsyncSequence, Sendable
where Time.Duration == Duration {
  /// Entries, each with its position.
  public typealias Element = LogItem
  /// What ends it.
  public typealias Failure = LogError

  let client: Client<Network, Time, Kit>
  let begin: Position

  /// Begins a pass.
  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, next: begin)
  }

  /// One pass along the log.
  public struct Iterator: AsyncIteratorProtocol {
    private let client: Client<Network, Time, Kit>
    /// The first position that was not dealt with.
    private var next: Position
    /// Up to where positions are known to have been handed out.
    private var end = Position.zero
    /// What was found from ``next`` on; what was empty may have been written since.
    private var chunk: ArraySlice<Slot> = []
    /// How many positions are read at once.
    private var size: ReadSize
    /// The newest epoch that was known when everything before ``next`` was told.
    private var epoch: Epoch
    /// What is read meanwhile, and from where on.
    private var ahead: (begin: Position, reading: AheadReading)?

    init(client: Client<Network, Time, Kit>, next: Position) {
      self.client = client
      self.next = next
      epoch = client.layouts.current.layout.epoch
      size = ReadSize(client.limits)
    }

    /// The next entry; `nil` once the task is cancelled.
    public mutating func next() async throws(LogError) -> LogItem? {
      try await next(isolation: #isolation)
    }

    /// The next entry; `nil` once the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(LogError) -> LogItem? {
      while true {
        switch chunk.first {
        case .data(let entry):
          defer { step() }
          return LogItem(position: next, entry: entry)
        case .junk: step()
        case .trimmed: throw .trimmed(next, mark: try await mark())
        case .empty:
          if Task.isCancelled { return nil }
          try await settle()
        case nil:
          if Task.isCancelled { return nil }
          if next < end {
            try await readChunk()
          } else {
            guard await waitForMore() else { return nil }
            try proveUncut()
          }
        }
      }
    }

    private mutating func step() {
      chunk.removeFirst()
      next = next.advanced(by: 1)
    }

    /// Waits until positions were handed out behind those that were read.
    private mutating func waitForMore() async -> Bool {
      var pause = client.limits.pauseMin
      while true {
        do {
          end = try await client.persist { [client, next, pause] (known) throws(Obstacle) in
            let end = try await client.nextPosition(in: known)
            // A sequencer that was deposed would go on saying that there is nothing new.
            if end <= next, pause >= client.limits.pauseMax / 2 { try await client.confirm(known) }
            return end
          }
          if end > next || isCut { return true }
          try await client.clock.sleep(for: pause)
        } catch is CancellationError {
          return false
        } catch {
          // The sequencer is silent: what it handed out before its end can be read all the same.
          if Task.isCancelled { return false }
        }
        pause = Swift.min(pause * 2, client.limits.pauseMax / 2)
      }
    }

    /// Whether what was told stands no longer, as far as the client knows.
    private var isCut: Bool {
      let told = Snapshot(epoch: epoch, position: next)
      return told.cut(in: client.layouts.current.layout.cuts) != nil
    }

    /// Sees to it that the log was not cut before anything that was told, nor told of next (R24).
    private mutating func proveUncut() throws(LogError) {
      let layout = client.layouts.current.layout
      // It was begun in an older epoch, and is not judged by what comes before it.
      if layout.epoch > epoch { ahead = nil }
      let read = Snapshot(epoch: epoch, position: next.advanced(by: chunk.count))
      if let cut = read.cut(in: layout.cuts) {
        (end, chunk, ahead) = (next, [], nil)
        if cut.position < next { throw .cut(cut.position) }
      }
      epoch = layout.epoch
    }

    /// Takes what was read ahead, or reads, and wishes for what comes behind it.
    private mutating func readChunk() async throws(LogError) {
      let known = ahead
      ahead = nil
      if let known, known.begin == next, let slots = await known.reading.slots() {
        chunk = slots[...]
      } else if Task.isCancelled {
        return
      } else {
        chunk = try await look(at: stretch(from: next))[...]
      }
      try proveUncut()
      size.learn(from: chunk)
      let begin = next.advanced(by: chunk.count)
      if begin < end, let reading = client.ahead.order(stretch(from: begin)) {
        ahead = (begin, reading)
      }
    }

    /// Reads up to what was given up: what stands before it is told first (R24).
    private func look(at range: Range<Position>) async throws(LogError) -> [Slot] {
      do throws(LogError) {
        return try await client.look(at: range)
      } catch .lost(let position) where position > range.lowerBound {
        return try await client.look(at: range.lowerBound..<position)
      }
    }

    /// What is read at once from a position on that was handed out.
    private func stretch(from begin: Position) -> Range<Position> {
      let count = Swift.min(size.count, begin.distance(to: end))
      return begin..<begin.advanced(by: count)
    }

    /// Waits for the hole that comes next, and looks what has become of those behind it.
    private mutating func settle() async throws(LogError) {
      do {
        let slot = try await client.settle(next)
        chunk[chunk.startIndex] = slot
        try proveUncut()
      } catch .beyondTail {
        // The reign that handed it out is over, and the next one may hand it out again.
        (end, chunk, ahead) = (next, [], nil)
        return
      }
      let holes = chunk.indices.filter { chunk[$0] == .empty }
      if holes.isEmpty { return }
      let places = holes.map { next.advanced(by: $0 - chunk.startIndex) }
      let slots = try await client.look(at: places)
      let layout = client.layouts.current.layout
      for ((index, place), slot) in zip(zip(holes, places), slots) {
        // What was given up meanwhile may have been filled since: it is asked for by itself, and
        // told to be lost then (R24).
        chunk[index] = slot == .junk && layout.isLost(place) ? .empty : slot
      }
    }

    /// The first position that is not trimmed.
    private func mark() async throws(LogError) -> Position {
      // Far in front of it all may be trimmed at once; then here and there. That the next one is
      // was seen, and stays true, though those who knew of it may be lost meanwhile (R24).
      var position = Swift.max(next.advanced(by: 1), try await client.trimMark(from: next))
      while position < end {
        let slots: [Slot]
        do throws(LogError) {
          slots = try await client.read(stretch(from: position))
        } catch .lost(let place) {
          // Readers are told of it when they come to it.
          if place == position { return position }
          slots = try await client.read(position..<place)
        }
        for slot in slots {
          if slot != .trimmed { return position }
          position = position.advanced(by: 1)
        }
      }
      return position
    }
  }
}
