internal import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

/// A sequencer that is asked by many at once.
public final class SequencerRole<Tokens: TokenSource>: Sendable {
  /// This life of the process.
  public let boot: BootID
  private let state: Mutex<State>

  private struct State {
    var tokens: Tokens
    /// The layout that made it the sequencer: another one of the same epoch is not served (R26).
    var layout: LayoutID?
    /// The highest epoch that it was told is over.
    var sealed: Epoch?
  }

  /// A sequencer that nobody has appointed yet.
  ///
  /// - Parameters:
  ///   - boot: This life of the process.
  ///   - streamsMax: Of how many streams it remembers the ends, about.
  public init(boot: BootID, streamsMax: Int = StreamTails.streamsMaxDefault) {
    self.boot = boot
    state = Mutex(State(tokens: Tokens(boot: boot, streamsMax: streamsMax)))
  }

  /// What it says of itself.
  var status: SequencerStatus {
    state.withLock { state in
      SequencerStatus(boot: boot, serving: state.layout, sealed: state.sealed)
    }
  }

  /// Hands out positions.
  func reserve(_ request: TokenRequest) throws(Refusal) -> Token {
    try serve(request.layout) { (tokens) throws(SequencerRefusal) in
      try tokens.reserve(request.count, for: request.streams, in: request.layout.epoch)
    }
  }

  /// The position that the next token begins with.
  func tail(_ request: TailRequest) throws(Refusal) -> Position {
    try serve(request.layout) { (tokens) throws(SequencerRefusal) in
      try tokens.tail(in: request.layout.epoch)
    }
  }

  /// Where the last entries of streams stand.
  func streamTails(_ request: StreamTailsRequest) throws(Refusal) -> [StreamLink] {
    try serve(request.layout) { (tokens) throws(SequencerRefusal) in
      try tokens.streamTails(of: request.streams, in: request.layout.epoch)
    }
  }

  /// Ends all reigns up to an epoch.
  func seal(_ request: SealRequest) -> Position? {
    state.withLock { state in
      state.sealed = max(state.sealed ?? request.epoch, request.epoch)
      return state.tokens.seal(request.epoch)
    }
  }

  /// Ends all reigns before an epoch, of which a layout was decided.
  func seal(before epoch: Epoch) {
    _ = seal(SealRequest(epoch: Epoch(epoch.number - 1)))
  }

  /// Begins the reign that a layout gives this sequencer, if it names this life of the process.
  func begin(_ request: ReignRequest) throws(Refusal) {
    let layout = request.layout
    let reign = Reign(
      epoch: layout.epoch,
      boot: layout.sequencer.boot,
      firstTail: layout.firstTail,
      streams: request.streams
    )
    let id = layout.id
    try state.withLock { (state) throws(Refusal) in
      // The first layout of an epoch stays: another one of the same number is a mistake (R26).
      if let served = state.layout, served.epoch == id.epoch, served != id {
        throw .epoch(.otherLayout(served))
      }
      do throws(SequencerRefusal) {
        try state.tokens.install(reign)
      } catch {
        throw .sequencer(error)
      }
      state.layout = id
    }
  }

  private func serve<Answer: Sendable>(
    _ layout: LayoutID,
    _ body: (inout Tokens) throws(SequencerRefusal) -> Answer
  ) throws(Refusal) -> Answer {
    try state.withLock { (state) throws(Refusal) in
      if let served = state.layout, served.epoch == layout.epoch, served != layout {
        throw .epoch(.otherLayout(served))
      }
      do throws(SequencerRefusal) {
        return try body(&state.tokens)
      } catch {
        throw .sequencer(error)
      }
    }
  }
}
