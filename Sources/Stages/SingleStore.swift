public import CorfuGlobalLog
public import CorfuSequencer

/// A stage whose log is one store, as those of chapters 1 and 2 are: all that a prompt needs of it.
public protocol SingleStore: Sendable {
  /// The disk.
  associatedtype Storage: Device
  /// Who appends and reads.
  associatedtype Client: SharedLog

  /// The chapter it stands at the end of.
  static var number: Int { get }

  /// Opens the log in a folder, or makes one there.
  static func open(
    _ device: Storage,
    limits: StoreLimits,
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (StoreEvent) -> Void
  ) async throws(StoreOpenError) -> Self

  /// The store that all clients share.
  var store: GroupCommit<Storage> { get }
  /// What the sequencer handed out; `nil` where there is none.
  var handedOut: HandedOut? { get }

  /// Does the store's work until it is closed or its disk fails.
  func run(on thread: ThreadExecutor?) async
  /// A new client of the log.
  func client(using random: inout some RandomNumberGenerator) -> Client
  /// What a client did so far: its appends, and how often it had to take another position.
  func tally(of client: Client) -> (appends: Int, retries: Int)
  /// Takes a token that nothing is written with; `nil` where there is no sequencer.
  func reserve(_ count: Int) throws(SequencerRefusal) -> Token?
  /// Finishes what was asked for, closes the log and ends ``run(on:)``.
  func close() async throws(LogError)
}

/// What a sequencer handed out since it began to reign.
public struct HandedOut: Hashable, Sendable {
  /// How many tokens.
  public var tokens: Int
  /// The epoch they are good for.
  public var epoch: Epoch
  /// The position that the next one begins with.
  public var tail: Position
}

extension Stage1: SingleStore {
  /// Chapter 1.
  public static var number: Int { 1 }
  /// Nothing: everybody looks for the end of the log.
  public var handedOut: HandedOut? { nil }

  public func tally(of client: RacingLog<Storage, Race>) -> (appends: Int, retries: Int) {
    (client.counters.appends, client.counters.lostRaces)
  }

  /// There is no sequencer yet.
  public func reserve(_ count: Int) throws(SequencerRefusal) -> Token? { nil }
}

extension Stage2: SingleStore {
  /// Chapter 2.
  public static var number: Int { 2 }

  public var handedOut: HandedOut? {
    // A sequencer that was sealed with the log has nothing more to tell.
    guard let tail = try? sequencer.tail() else { return nil }
    return HandedOut(tokens: sequencer.counters.tokens, epoch: sequencer.epoch, tail: tail)
  }

  public func tally(of client: SequencedLog<Storage, Source>) -> (appends: Int, retries: Int) {
    (client.counters.appends, client.counters.lostPositions)
  }

  /// A token, as a client would take it.
  public func reserve(_ count: Int) throws(SequencerRefusal) -> Token? {
    try sequencer.reserve(count)
  }
}
