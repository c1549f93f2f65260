internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import Synchronization

/// How much a node has done for clients, in entries and positions: one request carries many.
final class LoadMeters: Sendable {
  /// What was counted so far.
  struct Counts: Equatable, Sendable {
    /// Entries that the unit has written.
    var entries = 0
    /// Holes that were closed on it.
    var fills = 0
    /// Positions of which it told what stands there.
    var reads = 0
    /// Positions that the sequencer has handed out.
    var tokens = 0
  }

  private let entries = Atomic<Int>(0)
  private let fills = Atomic<Int>(0)
  private let reads = Atomic<Int>(0)
  private let tokens = Atomic<Int>(0)
  private let underway = Atomic<Int>(0)

  /// So much.
  var counts: Counts {
    Counts(
      entries: entries.load(ordering: .relaxed),
      fills: fills.load(ordering: .relaxed),
      reads: reads.load(ordering: .relaxed),
      tokens: tokens.load(ordering: .relaxed)
    )
  }

  /// How many requests have begun and not ended.
  var requests: Int { underway.load(ordering: .relaxed) }

  /// Notes that the work on a request begins.
  func begin() { underway.wrappingAdd(1, ordering: .relaxed) }

  /// Notes that it is done.
  func end() { underway.wrappingSubtract(1, ordering: .relaxed) }

  /// Notes what came of a request.
  ///
  /// What nodes ask of each other, as for copies, is not what programs do with the log.
  func count(_ request: Request, _ reply: Reply, of role: PeerRole) {
    if role == .node { return }
    switch (request, reply) {
    case (.write(let request), .written(let answers)):
      var (new, junk) = (0, 0)
      for (value, answer) in zip(request.values, answers) where answer == .written {
        if value.value == .junk { junk += 1 } else { new += 1 }
      }
      entries.wrappingAdd(new, ordering: .relaxed)
      fills.wrappingAdd(junk, ordering: .relaxed)
    case (.read, .slots(let slots)): reads.wrappingAdd(slots.count, ordering: .relaxed)
    case (.reserve, .token(let token)): tokens.wrappingAdd(token.count, ordering: .relaxed)
    case (.reserveEach, .grants(let grants)):
      var count = 0
      for case .token(let token) in grants { count += token.count }
      tokens.wrappingAdd(count, ordering: .relaxed)
    default: break
    }
  }
}
