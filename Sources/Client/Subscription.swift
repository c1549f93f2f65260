public import CorfuGlobalLog
public import CorfuProtocol
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
/// trimmed position ends it with ``LogError/trimmed(_:mark:)``: whoever follows must know that
/// something is missing.
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
    /// The first position that was not read.
    private var next: Position
    /// Up to where positions are known to have been handed out.
    private var end = Position.zero
    /// What was read ahead, last first.
    private var ahead: [LogItem] = []

    init(client: Client<Network, Time, Kit>, next: Position) {
      self.client = client
      self.next = next
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
        if let item = ahead.popLast() { return item }
        if Task.isCancelled { return nil }
        if next >= end {
          guard await waitForMore() else { return nil }
        } else {
          try await readAhead()
        }
      }
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
          if end > next { return true }
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

    /// Reads some positions up to the first hole; if that comes first, waits for it.
    private mutating func readAhead() async throws(LogError) {
      let count = Swift.min(client.limits.readAheadMax, next.distance(to: end))
      let slots = try await look(at: next..<next.advanced(by: count))
      var items: [LogItem] = []
      reading: for slot in slots {
        switch slot {
        case .data(let entry): items.append(LogItem(position: next, entry: entry))
        case .junk: break
        case .empty: break reading
        case .trimmed:
          if items.isEmpty { throw .trimmed(next, mark: try await mark()) }
          break reading
        }
        next = next.advanced(by: 1)
      }
      ahead = items.reversed()
      if items.isEmpty && slots.first == .empty {
        do {
          // Whatever comes of it, the next read finds it.
          _ = try await client.settle(next)
        } catch .beyondTail {
          // The reign that handed it out is over, and the next one may hand it out again.
          end = next
        }
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

    /// The first position that is not trimmed.
    private func mark() async throws(LogError) -> Position {
      var position = next
      while position < end {
        let count = Swift.min(client.limits.readAheadMax, position.distance(to: end))
        for slot in try await client.read(position..<position.advanced(by: count)) {
          if slot != .trimmed { return position }
          position = position.advanced(by: 1)
        }
      }
      return position
    }
  }
}
