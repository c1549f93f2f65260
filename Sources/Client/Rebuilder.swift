public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuProtocol
internal import CorfuStripeMirror

/// How hard a rebuilder works.
public struct RebuildLimits: Equatable, Sendable {
  /// How many positions a step copies.
  public var slotsPerStep = 256
  /// How long it rests between two steps.
  public var pause = Duration.zero

  /// The defaults.
  public init() {}
}

/// Gives units what others have, so that they can join a chain.
///
/// It fills the holes of the range, since whatever is empty may still be written, and copies the
/// rest: data, junk and trims. What was copied stays copied; whoever goes on after a crash compares
/// it and goes on. (TOCS 2013, 3.1; rule R28.)
public struct Rebuilder<Network: Transport, Time: Clock, Kit: Parts>: Sendable
where Time.Duration == Duration {
  private let client: Client<Network, Time, Kit>
  private let limits: RebuildLimits

  /// A rebuilder that fills and reads as a client does.
  public init(client: Client<Network, Time, Kit>, limits: RebuildLimits = RebuildLimits()) {
    self.client = client
    self.limits = limits
  }

  /// Copies what a task names.
  ///
  /// - Parameters:
  ///   - task: What to copy to whom.
  ///   - progress: Hears before which position everything is copied.
  /// - Throws: ``RebuildError``; what was copied stays.
  public func run(
    _ task: RebuildTask,
    progress: (Position) -> Void = { _ in }
  ) async throws(RebuildError) {
    if planted(.joinsUncopied) { return }
    var next = try await skipTrimmed(task)
    var failures = 0
    // What nobody can read any more; the rest is copied all the same.
    var lost: [Position] = []
    while next < task.end {
      // Every step in the newest epoch: the one before may be over.
      let end = lost.last.map { $0 < next ? task.end : $0 } ?? task.end
      var copy = try copy(task, from: next, to: end)
      do throws(RangeCopyError) {
        while try await copy.step() {
          next = copy.next
          failures = 0
          progress(next)
          await rest(limits.pause)
          if Task.isCancelled { throw .source(.closed) }
        }
        // Behind what is lost it goes on.
        next = end == task.end ? end : end.advanced(by: 1)
      } catch .unreadable(let position, let error)
        where error.isDamage && lost.count < Self.lostMax && lost.last != position
      {
        next = copy.next
        lost.append(position)
      } catch {
        next = copy.next
        failures += 1
        try await recover(from: error, task, failures)
      }
    }
    progress(next)
    if !lost.isEmpty { throw .lost(lost) }
  }

  /// With more than so many positions lost there is no use in going on.
  private static var lostMax: Int { 100 }

  /// Copies what is trimmed from the beginning of the range on: as one range, however long it is.
  ///
  /// - Returns: The first position that is not.
  private func skipTrimmed(_ task: RebuildTask) async throws(RebuildError) -> Position {
    let copy = try copy(task, from: task.begin, to: task.end)
    do throws(LogError) {
      let trims = try await copy.source.trims(in: task.begin..<task.end)
      guard let first = trims.first, first.lowerBound == task.begin else { return task.begin }
      try await copy.target.trim([first])
      return first.upperBound
    } catch {
      return task.begin  // One by one, then.
    }
  }

  private typealias Copy = RangeCopy<CopyChain<Network, Kit>, CopyEnd<Network>, PositionSet>

  private func copy(
    _ task: RebuildTask,
    from next: Position,
    to limit: Position
  ) throws(RebuildError) -> Copy {
    let known = client.layouts.current
    let span = known.layout.span(of: task.begin)
    guard span.begin == task.begin, span.stripes.count == task.stripes,
      known.layout.names(task.newcomer), let tail = span.stripes[task.stripe].tail
    else { throw .overtaken }
    let end = { unit in
      CopyEnd(unit, layout: known.id, network: client.network, patience: client.limits.callPatience)
    }
    return Copy(
      of: CopyRange(task.begin..<limit, stripe: task.stripe, of: task.stripes),
      from: CopyChain(
        replicas: client.replicas(of: span.stripes[task.stripe], in: known),
        tail: end(tail)
      ),
      to: end(task.newcomer),
      next: next,
      slotsPerStep: limits.slotsPerStep
    )
  }

  /// Fills the hole, looks for a newer layout, or gives up.
  private func recover(
    from error: RangeCopyError,
    _ task: RebuildTask,
    _ failures: Int
  ) async throws(RebuildError) {
    if Task.isCancelled { throw .cancelled }
    switch error {
    case .hole(let position) where failures < 1000:
      do throws(LogError) {
        // Once: what is still a hole then is filled like any other.
        let lost = failures == 1 ? lostPositions(from: position, of: task) : []
        if lost.count > 1 {
          try await client.fill(lost)
        } else {
          _ = try await client.fill(position)
        }
      } catch {
        throw .log(error)
      }
    case .source(.unavailable), .target(.unavailable):
      if failures > 20 { throw .copy(error) }
      await client.learn(from: .silent("\(error)"), in: client.layouts.current)
      // Whoever changed the layout is about to tell them.
      await rest(.milliseconds(5 * failures))
    case .hole, .unreadable, .conflict, .notCopied, .source, .target: throw .copy(error)
    }
  }

  /// How many positions that were given up are filled at once.
  private static var lostFillMax: Int { 1024 }

  /// Positions side by side that were given up, from a hole on: whoever stands in has none of them,
  /// so each is a hole, and to fill one after the other would take a sync for each.
  private func lostPositions(from hole: Position, of task: RebuildTask) -> [Position] {
    let layout = client.layouts.current.layout
    if layout.losses.isEmpty { return [] }
    var lost: [Position] = []
    for number in stride(from: hole.number, to: task.end.number, by: task.stripes) {
      let position = Position(number)
      if lost.count == Self.lostFillMax || !layout.isLost(position) { break }
      lost.append(position)
    }
    return lost
  }

  private func rest(_ pause: Duration) async {
    if pause == .zero { return await Task.yield() }
    // Cancelled: whoever looks next ends.
    try? await client.clock.sleep(for: pause)
  }
}

/// Why a range was not copied.
public enum RebuildError: Error, Hashable, Sendable {
  /// The layout has no such task any more.
  case overtaken
  /// Whoever wanted it wants it no longer.
  case cancelled
  /// A hole could not be filled.
  case log(LogError)
  /// The copy failed.
  case copy(RangeCopyError)
  /// All was copied but these: they are damaged on every unit that had them. Nobody joins before
  /// they are trimmed (R28).
  case lost([Position])
}

extension RebuildError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .overtaken: "the layout has changed, and there is nothing to copy any more"
    case .cancelled: "it was stopped"
    case .log(let error): "\(error)"
    case .copy(let error): "\(error)"
    case .lost(let positions):
      "\(positions.count == 1 ? "position" : "positions") "
        + positions.prefix(5).map(\.description).joined(separator: ", ")
        + (positions.count > 5 ? " and \(positions.count - 5) more" : "")
        + " cannot be read on any unit: bring back one that has them, or give them up with "
        + "'trim \(positions.first ?? .zero)'; all the rest is copied"
    }
  }
}
