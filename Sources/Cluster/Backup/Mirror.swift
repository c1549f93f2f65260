public import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import Synchronization

extension Backup {
  /// Keeps a copy of a log in another cluster, until its task is cancelled.
  ///
  /// The next positions are read while those before are written. They are written in their order,
  /// and the next ones only when all before them stand: so what an interrupted mirror leaves is
  /// found by the next one, and nothing is copied twice or passed over.
  ///
  /// - Parameters:
  ///   - source: The log.
  ///   - target: The other cluster, to which nobody else writes.
  ///   - pause: How long to wait for more, at the end.
  ///   - look: How often to look how far behind the copy is.
  ///   - meters: Count what is done; whoever hears `onLag` tells them how far the copy is.
  ///   - onLag: Hears how far behind it is, whatever the clusters do meanwhile.
  /// - Throws: ``BackupError``. If it is ``BackupError/log(_:)``, what was copied is in order, and
  ///   another mirror may go on.
  public static func mirror(
    _ source: ClusterLog,
    to target: LogConnection,
    pause: Duration = .milliseconds(20),
    look: Duration = .seconds(1),
    meters: MirrorMeters = MirrorMeters(),
    onLag: (MirrorLag) -> Void = { _ in }
  ) async throws(BackupError) {
    let mirror = Mirror(
      reader: SourceReader(of: source),
      copier: LogCopier(to: target, follows: true) { meters.noteFailure(of: .copy) },
      meters: meters,
      pause: pause,
      lookPause: look
    )
    if let error = await mirror.run(onLag) { throw error }
  }
}

/// A copy of a log in another cluster, which follows it.
private struct Mirror: Sendable {
  let reader: SourceReader
  let copier: LogCopier
  let meters: MirrorMeters
  let pause: Duration
  let lookPause: Duration

  /// Before which position everything is copied; `nil` while that is being found out.
  private final class Mark: Sendable {
    private let copied = Mutex<Position?>(nil)

    var position: Position? { copied.withLock { $0 } }

    func note(_ position: Position) { copied.withLock { $0 = position } }
  }

  private enum Event: Sendable {
    case ended(BackupError?)
    case looked(Position?)
    case rested
  }

  /// Copies, and tells how far behind the copy is: by a look of its own, as a copy that stands
  /// still would never say so.
  ///
  /// - Returns: Why it has ended; `nil` if it was cancelled.
  func run(_ onLag: (MirrorLag) -> Void) async -> BackupError? {
    let mark = Mark()
    let begin = ContinuousClock.now
    return await withTaskGroup(of: Event.self) { group in
      var history = EndHistory()
      var isLooking = true
      func tell(_ end: Position?) {
        let now = ContinuousClock.now - begin
        if let end { history.note(end, at: now) }
        guard let copied = mark.position, let lag = history.lag(of: copied, at: now) else { return }
        onLag(lag)
      }
      group.addTask { .ended(await self.copy(mark)) }
      group.addTask { .looked(await self.reader.lookAtEnd()) }
      group.addTask { await self.rest() }
      for await event in group {
        switch event {
        case .ended(let error):
          group.cancelAll()
          return error
        case .looked(let end):
          isLooking = false
          if end == nil, !Task.isCancelled { meters.noteFailure(of: .log) }
          tell(end)
        case .rested where Task.isCancelled: continue
        case .rested:
          if isLooking { tell(nil) }
          if !isLooking { group.addTask { .looked(await self.reader.lookAtEnd()) } }
          isLooking = true
          group.addTask { await self.rest() }
        }
      }
      return nil
    }
  }

  private func rest() async -> Event {
    // Cancelled: that is looked for before the next one.
    try? await ContinuousClock().sleep(for: lookPause)
    return .rested
  }

  private func copy(_ mark: Mark) async -> BackupError? {
    do throws(BackupError) {
      try await follow(mark)
      return nil
    } catch {
      // Cancelled in the middle of something: what is half done is finished by the next mirror.
      if case .log = error, Task.isCancelled { return nil }
      return error
    }
  }

  private func follow(_ mark: Mark) async throws(BackupError) {
    var trimmed = try await copier.trimMark()
    let first = try await resumption()
    var reading = await reader.stretch(from: SourceReader.Place(at: first))
    while !Task.isCancelled {
      let stretch = try reading.get()
      if stretch.place.begin > trimmed {
        try await copier.skip(to: stretch.place.begin)
        trimmed = stretch.place.begin
      }
      mark.note(stretch.first)
      if stretch.slots.isEmpty {
        // What somebody else has added would be copied over by nothing.
        if try await copier.next() > stretch.first { throw .notAlone(stretch.first) }
        // Cancelled: that is looked for above.
        try? await ContinuousClock().sleep(for: pause)
        reading = await reader.stretch(from: stretch.place)
      } else {
        async let following = reader.stretch(from: stretch.place)
        try await copier.write(stretch.slots, from: stretch.first)
        mark.note(stretch.end)
        meters.note(copied: stretch.slots)
        reading = await following
      }
    }
  }

  /// Looks whether a copy is one, as far as it may not be, and changes nothing.
  ///
  /// A mirror writes one stretch after the other, and the next only when the one before is whole.
  /// So what was interrupted is among the last that the copy has handed out, and so is what
  /// somebody else has written: no mirror goes on after that.
  ///
  /// - Returns: Where to go on: what stands there and behind it is compared once more.
  private func resumption() async throws(BackupError) -> Position {
    // First the copy: the log that is copied only grows.
    let copied = try await copier.next()
    let (begin, end) = try await reader.extent()
    if copied > end { throw .notAlone(end) }
    if copied <= begin {
      // Nothing can be compared: what is there may be anybody's.
      if let entry = try await copier.firstEntry(before: copied) { throw .trimmed(entry) }
      return copied
    }
    let first = max(begin, Position(copied.number - min(copied.number, Self.resumedMax)))
    var next = first
    while next < copied {
      let upTo = min(copied, next.advanced(by: CopySize.countMax))
      let slots = try await reader.slots(next..<upTo)
      _ = try await copier.missing(of: slots, from: next, before: copied)
      next = next.advanced(by: slots.count)
    }
    return first
  }

  /// How many positions a mirror compares when it goes on: those of a stretch that was not
  /// finished, and of one that was taken in vain behind what somebody else has written, and as many
  /// again.
  private static var resumedMax: UInt64 { 4 * UInt64(SourceReader.slotsMax) }
}
