public import CorfuGlobalLog
internal import Synchronization

/// A sequencer in this process, which any number of clients may ask at once.
public final class LocalSequencer<Source: TokenSource>: Sendable {
  /// What it handed out.
  public struct Counters: Hashable, Sendable {
    /// Tokens.
    public var tokens = 0
    /// Positions of all tokens.
    public var positions = 0
  }

  /// The epoch in which it was installed.
  public let epoch: Epoch

  private struct State: Sendable {
    var source: Source
    var counters = Counters()
  }

  private let state: Mutex<State>

  /// Installs a sequencer for a reign.
  ///
  /// - Throws: What the sequencer refuses with.
  public init(_ source: Source, serving reign: Reign) throws(SequencerRefusal) {
    var source = source
    try source.install(reign)
    epoch = reign.epoch
    state = Mutex(State(source: source))
  }

  /// What it handed out so far.
  public var counters: Counters { state.withLock { $0.counters } }

  /// Takes a token.
  public func reserve(
    _ count: Int,
    for streams: [StreamID] = []
  ) throws(SequencerRefusal) -> Token {
    try state.withLock { state throws(SequencerRefusal) in
      let token = try state.source.reserve(count, for: streams, in: epoch)
      state.counters.tokens += 1
      state.counters.positions += token.count
      return token
    }
  }

  /// The position that the next token begins with.
  public func tail() throws(SequencerRefusal) -> Position {
    try state.withLock { state throws(SequencerRefusal) in try state.source.tail(in: epoch) }
  }

  /// The links that an entry at the tail would get.
  public func streamTails(of streams: [StreamID]) throws(SequencerRefusal) -> [StreamLink] {
    try state.withLock { state throws(SequencerRefusal) in
      try state.source.streamTails(of: streams, in: epoch)
    }
  }

  /// Ends its reign.
  ///
  /// Returns where the next token would have begun.
  @discardableResult
  public func seal() -> Position? {
    state.withLock { $0.source.seal(epoch) }
  }
}
