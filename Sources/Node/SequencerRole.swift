internal import CorfuGlobalLog
public import CorfuProtocol
public import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

/// A sequencer that is asked by many at once: the counter, and the memory of what was written.
public final class SequencerRole<Kit: Parts>: Sendable {
  /// This life of the process.
  public let boot: BootID
  private let state: Mutex<State>
  /// What it says of itself, apart: whoever asks whether it is alive does not wait until there is
  /// room for the next million of streams.
  private let known: Mutex<SequencerStatus>

  /// Where streams end, told in parts for a reign to come.
  private struct Told: Sendable {
    let layout: LayoutID
    let whole: UInt64
    var count = 0
    var streams = StreamCensus.empty

    /// Takes in the next part.
    ///
    /// - Returns: Whether it was the next.
    mutating func append(_ part: StreamCensus) -> Bool {
      count += 1
      return streams.append(StreamPage(ends: part.ends, isComplete: part.isComplete))
    }
  }

  private struct State {
    var tokens: Kit.Tokens
    /// What was written last, for transactions.
    var window: Kit.Window
    /// The layout that made it the sequencer: another one of the same epoch is not served (R26).
    var layout: LayoutID?
    /// What was told of a reign to come.
    var told: Told?

    /// Where the streams end as a reign begins, with all that went ahead of the request for it.
    mutating func streams(_ request: ReignRequest) -> StreamCensus {
      guard let ahead = request.ahead else { return request.streams }
      // Whatever becomes of the reign, the next one is told anew.
      guard var told = told.take(), told.layout == request.layout.id, told.whole == ahead.whole,
        told.count == ahead.count, told.append(request.streams)
      else { return .unknown }
      return told.streams
    }
  }

  /// A sequencer that nobody has appointed yet.
  ///
  /// - Parameters:
  ///   - boot: This life of the process.
  ///   - streamsMax: Of how many streams it remembers the ends, one or more.
  ///   - writesMax: How many written keys it remembers, one or more.
  public init(
    boot: BootID,
    streamsMax: Int = StreamTails.streamsMaxDefault,
    writesMax: Int = ConflictWindow.writesMaxDefault
  ) {
    self.boot = boot
    known = Mutex(SequencerStatus(boot: boot))
    state = Mutex(
      State(
        tokens: Kit.Tokens(boot: boot, streamsMax: streamsMax),
        window: Kit.Window(writesMax: writesMax)
      )
    )
  }

  /// What it says of itself.
  var status: SequencerStatus { known.withLock { $0 } }

  /// Hands out positions.
  func reserve(_ request: TokenRequest) throws(Refusal) -> Token {
    try serve(request.layout) { (state) throws(SequencerRefusal) in
      let token = try state.tokens.reserve(
        request.count,
        for: request.streams,
        in: request.layout.epoch
      )
      // Nobody said which keys: all of them may have moved.
      if !request.streams.isEmpty {
        state.window.note(request.streams.map { StreamKeys($0) }, at: token.positions)
      }
      return token
    }
  }

  /// Hands out positions to many, each on its own condition.
  ///
  /// Judging, handing out and noting are one step for each, so that of two transactions of which
  /// each read what the other writes one is refused (R34).
  func reserve(_ request: ReservationsRequest) throws(Refusal) -> [Grant] {
    try serve(request.layout) { (state) throws(SequencerRefusal) in
      var grants: [Grant] = []
      grants.reserveCapacity(request.reservations.count)
      for wish in request.reservations {
        if let refusal = wish.condition.flatMap({ state.window.judge($0) }) {
          grants.append(.refused(refusal))
          continue
        }
        let token = try state.tokens.reserve(
          wish.count,
          for: wish.streams,
          in: request.layout.epoch
        )
        if !wish.writes.isEmpty { state.window.note(wish.writes, at: token.positions) }
        grants.append(.token(token))
      }
      return grants
    }
  }

  /// The position that the next token begins with.
  func tail(_ request: TailRequest) throws(Refusal) -> Position {
    try serve(request.layout) { (state) throws(SequencerRefusal) in
      try state.tokens.tail(in: request.layout.epoch)
    }
  }

  /// Where the log ends, and where the last entries of streams stand at that moment.
  func streamTails(
    _ request: StreamTailsRequest
  ) throws(Refusal) -> (tail: Position, links: [StreamLink]) {
    let epoch = request.layout.epoch
    return try serve(request.layout) { (state) throws(SequencerRefusal) in
      (
        tail: try state.tokens.tail(in: epoch),
        links: try state.tokens.streamTails(of: request.streams, in: epoch)
      )
    }
  }

  /// Ends all reigns up to an epoch.
  func seal(_ request: SealRequest) -> Position? {
    state.withLock { state in
      known.withLock { $0.sealed = max($0.sealed ?? request.epoch, request.epoch) }
      return state.tokens.seal(request.epoch)
    }
  }

  /// Ends all reigns before an epoch, of which a layout was decided.
  func seal(before epoch: Epoch) {
    _ = seal(SealRequest(epoch: Epoch(epoch.number - 1)))
  }

  /// Hears where some streams end, for a reign to come: parts of one census, in order.
  func hear(_ request: ReignStreamsRequest) throws(Refusal) {
    guard request.boot == boot else { throw .sequencer(.otherBoot(boot)) }
    let (layout, ahead) = (request.layout, request.ahead)
    state.withLock { state in
      // It has begun, or another one has.
      if state.layout?.epoch ?? .zero >= layout.epoch { return }
      if state.told?.layout != layout || state.told?.whole != ahead.whole {
        state.told = Told(layout: layout, whole: ahead.whole)
      }
      // A part that was heard before changes nothing; where one is missing, all is in vain.
      guard state.told?.count == ahead.count else { return }
      if state.told?.append(request.streams) == false { state.told = nil }
    }
  }

  /// Begins the reign that a layout gives this sequencer, if it names this life of the process.
  func begin(_ request: ReignRequest) throws(Refusal) {
    let layout = request.layout
    let id = layout.id
    try state.withLock { (state) throws(Refusal) in
      // The first layout of an epoch stays: another one of the same number is a mistake (R26).
      if let served = state.layout, served.epoch == id.epoch, served != id {
        throw .epoch(.otherLayout(served))
      }
      let reign = Reign(
        epoch: layout.epoch,
        boot: layout.sequencer.boot,
        firstTail: layout.firstTail,
        streams: state.streams(request)
      )
      let goesOn = reign.goesOn(from: state.layout?.epoch)
      do throws(SequencerRefusal) {
        try state.tokens.install(reign)
        if state.layout != id {
          let tail = try state.tokens.tail(in: id.epoch)
          state.window.begin(id.epoch, at: tail, goesOn: goesOn)
        }
      } catch {
        throw .sequencer(error)
      }
      state.layout = id
      known.withLock { $0.serving = id }
    }
  }

  private func serve<Answer: Sendable>(
    _ layout: LayoutID,
    _ body: (inout State) throws(SequencerRefusal) -> Answer
  ) throws(Refusal) -> Answer {
    try state.withLock { (state) throws(Refusal) in
      if let served = state.layout, served.epoch == layout.epoch, served != layout {
        throw .epoch(.otherLayout(served))
      }
      do throws(SequencerRefusal) {
        return try body(&state)
      } catch {
        throw .sequencer(error)
      }
    }
  }
}
