public import CorfuGlobalLog
internal import Synchronization

/// All that the clients of a cluster asked and heard, with the order in which they did: what
/// ``ClusterVerdict`` judges.
///
/// Every payload begins with a number of its own, so an entry tells whose it is wherever it turns
/// up. Moments are counted, not timed: what ended before something else began has the smaller one.
public final class ClusterHistory: Sendable {
  /// What came of an append.
  public enum Fate: Hashable, Sendable {
    /// It was acknowledged.
    case stands(Position)
    /// It was said to stand nowhere.
    case nowhere
    /// Nobody said.
    case unknown
    /// It was said to stand there or nowhere (R16).
    case indefinite(Position)
  }

  /// An entry on its way into the log.
  public struct Append: Hashable, Sendable {
    /// Who wrote it.
    public var client: ClientID
    /// How many bytes it has.
    public var byteCount: Int
    /// The streams that it belongs to.
    public var streams: [StreamID] = []
    /// When the append began.
    public var began: Int
    /// The newest epoch that whoever appended knew of then.
    public var asked = Epoch.zero
    /// When it ended; `nil` if it never did.
    public var ended: Int?
    /// What came of it.
    public var fate = Fate.unknown
    /// Of one that stands, the newest epoch in which a unit had said so when it was acknowledged.
    ///
    /// Where nobody listens to units, it is the one that the client knew of when it began.
    public var epoch = Epoch.zero
  }

  /// An append's entry at a position: it may come to be at another one, where it is lost.
  public struct Place: Hashable, Sendable {
    /// Whose entry.
    public var append: Int
    /// Where.
    public var position: Position
  }

  /// What stood at a position, as somebody heard.
  public enum Sight: Hashable, Sendable {
    /// Nothing.
    case empty
    /// The entry of an append.
    case entry(Int)
    /// Junk.
    case junk
    /// Nothing any more.
    case trimmed
    /// That nobody has it any more: it was given up with its disks (R24).
    case lost
  }

  /// Somebody heard what stands at a position.
  public struct Sighting: Hashable, Sendable {
    /// Where.
    public var position: Position
    /// What.
    public var sight: Sight
    /// When whoever heard it had asked.
    public var began: Int
    /// When it was heard.
    public var ended: Int
    /// The newest epoch that whoever heard it knew of when it asked: it asked in no older one.
    public var asked = Epoch.zero
    /// The newest that it knew of when it heard: it asked in no newer one.
    public var heard = Epoch.zero
    /// Whether a fill told of it: of what was given up it says what stands there since.
    public var isFill = false
    /// Whether a subscriber was told: of a log that was cut it hears where.
    public var isFollower = false
  }

  /// Somebody was told where the log ends.
  public struct Tail: Hashable, Sendable {
    /// One past the end.
    public var position: Position
    /// Whether it is the log's tail, or only what the sequencer said in passing.
    public var isSettled: Bool
    /// When it was asked for.
    public var began: Int
    /// When it was told.
    public var ended: Int
    /// The newest epoch that whoever asked knew of then.
    public var asked = Epoch.zero
  }

  /// Somebody trimmed.
  public struct Trim: Hashable, Sendable {
    /// Which positions.
    public var positions: Range<Position>
    /// When it began.
    public var began: Int
    /// The newest epoch that whoever trimmed knew of then.
    public var asked = Epoch.zero
    /// When it was acknowledged; `nil` if it was not.
    public var ended: Int?
    /// The newest epoch that whoever trimmed knew of by then.
    public var epoch = Epoch.zero
  }

  /// Somebody followed the log.
  public struct Subscription: Hashable, Sendable {
    /// From where on.
    public var begin: Position
    /// The newest epoch that whoever followed knew of when it began.
    public var asked = Epoch.zero
    /// What came, in order: positions, and appends.
    public var items: [Item] = []

    /// An entry that came.
    public struct Item: Hashable, Sendable {
      /// Where it stands.
      public var position: Position
      /// Which append's it is.
      public var append: Int
    }
  }

  struct State: Sendable {
    var clock = 0
    var appends: [Append] = []
    var sightings: [Sighting] = []
    var tails: [Tail] = []
    var trims: [Trim] = []
    var subscriptions: [Subscription] = []
    /// The links of entries that somebody was shown.
    var links: [Place: [StreamLink]] = [:]
    /// The newest epoch in which a unit said that an entry stands at a position.
    var shown: [Place: Epoch] = [:]
    var extent = Position.zero
    var acknowledged = 0
    /// Whether what stands in streams is objects'.
    var hasObjects = false
    /// The numbers of entries that objects wrote, which have none in their payloads.
    var numbers: [EntryMark: Int] = [:]
    /// What an operator has given up.
    var loss: ClusterLoss?
    var violation: String?

    mutating func tick() -> Int {
      clock += 1
      return clock
    }

    mutating func fail(_ violation: String) {
      self.violation = self.violation ?? violation
    }
  }

  let state = Mutex(State())

  /// The streams that clients append to.
  static let streams = (1...3).map { StreamID($0) }

  /// A history in which nothing happened yet.
  public init() {}

  /// Entries that were acknowledged.
  public var acknowledged: Int { state.withLock { $0.acknowledged } }

  /// One past the highest position that anybody heard of.
  public var extent: Position { state.withLock { $0.extent } }

  /// Whether something went wrong that needs no judge.
  var hasFailed: Bool { state.withLock { $0.violation != nil } }

  /// Something went wrong that needs no judge.
  public func fail(_ violation: String) {
    state.withLock { $0.fail(violation) }
  }

  /// A moment: take it when an operation begins.
  public func moment() -> Int { state.withLock { $0.tick() } }

  // MARK: - Appends

  /// A client is about to append an entry.
  ///
  /// - Parameters:
  ///   - client: Who.
  ///   - byteCount: How many bytes, 8 or more.
  ///   - streams: The streams that it belongs to.
  ///   - began: When.
  ///   - asked: The newest epoch that the client knows of.
  /// - Returns: The append's number, and its payload.
  public func begin(
    appendBy client: ClientID,
    byteCount: Int,
    streams: [StreamID] = [],
    at began: Int,
    from asked: Epoch = .zero
  ) -> (number: Int, payload: [UInt8]) {
    let number = state.withLock { state in
      state.appends.append(
        Append(client: client, byteCount: byteCount, streams: streams, began: began, asked: asked)
      )
      return state.appends.count - 1
    }
    return (number, Self.payload(of: number, byteCount: byteCount))
  }

  /// An append ended.
  public func end(append number: Int, _ fate: Fate) {
    state.withLock { state in
      let now = state.tick()
      state.appends[number].ended = now
      state.appends[number].fate = fate
      guard case .stands(let position) = fate else { return }
      let place = Place(append: number, position: position)
      state.appends[number].epoch = state.shown[place] ?? state.appends[number].asked
      state.acknowledged += 1
      state.extent = max(state.extent, position.advanced(by: 1))
    }
  }

  /// An entry of objects was acknowledged, which was not begun here.
  func acknowledge(_ position: Position? = nil) {
    state.withLock { state in
      state.acknowledged += 1
      if let position { state.extent = max(state.extent, position.advanced(by: 1)) }
    }
  }

  /// The bytes of an append: its number, and then bytes that follow from it.
  static func payload(of number: Int, byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { index in
      UInt8(truncatingIfNeeded: index < 8 ? number >> (index * 8) : number &* 31 &+ index)
    }
  }

  // MARK: - What was heard

  /// A slot was read, or a fill told of it.
  ///
  /// - Parameters:
  ///   - slot: What stands there.
  ///   - position: Where.
  ///   - began: When somebody asked.
  ///   - asked: The newest epoch that whoever asked knew of then.
  ///   - heard: The newest epoch that it knows of now.
  ///   - isFill: Whether a fill told of it.
  public func saw(
    _ slot: Slot,
    at position: Position,
    since began: Int,
    from asked: Epoch = .zero,
    to heard: Epoch = .zero,
    isFill: Bool = false
  ) {
    state.withLock { state in
      let now = state.tick()
      guard let sight = state.sight(of: slot, at: position) else { return }
      state.sightings.append(
        Sighting(
          position: position,
          sight: sight,
          began: began,
          ended: now,
          asked: asked,
          heard: heard,
          isFill: isFill
        )
      )
      if sight != .empty { state.extent = max(state.extent, position.advanced(by: 1)) }
    }
  }

  /// The tail was told.
  ///
  /// - Parameters:
  ///   - position: The tail.
  ///   - isSettled: Whether it is the log's, or only what the sequencer said in passing.
  ///   - began: When somebody asked.
  ///   - asked: The newest epoch that whoever asked knew of then.
  public func saw(
    tail position: Position,
    isSettled: Bool,
    since began: Int,
    from asked: Epoch = .zero
  ) {
    state.withLock { state in
      let now = state.tick()
      state.tails.append(
        Tail(position: position, isSettled: isSettled, began: began, ended: now, asked: asked)
      )
    }
  }

  // MARK: - Trims

  /// A trim begins.
  ///
  /// - Parameters:
  ///   - positions: Of what.
  ///   - asked: The newest epoch that whoever trims knows of.
  /// - Returns: Its number.
  public func begin(trimOf positions: Range<Position>, from asked: Epoch = .zero) -> Int {
    state.withLock { state in
      let now = state.tick()
      state.trims.append(Trim(positions: positions, began: now, asked: asked))
      return state.trims.count - 1
    }
  }

  /// A trim was acknowledged.
  ///
  /// - Parameters:
  ///   - number: Which.
  ///   - epoch: The newest epoch that whoever trimmed knows of now.
  public func end(trim number: Int, in epoch: Epoch = .zero) {
    state.withLock { state in
      state.trims[number].ended = state.tick()
      state.trims[number].epoch = epoch
    }
  }

  // MARK: - Subscriptions

  /// Somebody begins to follow the log.
  ///
  /// - Parameters:
  ///   - position: From where on.
  ///   - asked: The newest epoch that whoever follows knows of.
  /// - Returns: The subscription's number.
  public func begin(
    subscriptionFrom position: Position,
    from asked: Epoch = .zero
  ) -> Int {
    state.withLock { state in
      state.subscriptions.append(Subscription(begin: position, asked: asked))
      return state.subscriptions.count - 1
    }
  }

  /// An entry came to a subscriber.
  public func delivered(_ entry: Entry, at position: Position, to number: Int) {
    state.withLock { state in
      guard case .entry(let append)? = state.sight(of: .data(entry), at: position) else { return }
      state.subscriptions[number].items.append(
        Subscription.Item(position: position, append: append)
      )
      state.extent = max(state.extent, position.advanced(by: 1))
    }
  }
}

extension ClusterHistory.State {
  /// Which append's entry a slot has; `nil` if it is nobody's, which is a violation.
  fileprivate mutating func sight(of slot: Slot, at position: Position) -> ClusterHistory.Sight? {
    switch slot {
    case .empty: return .empty
    case .junk: return .junk
    case .trimmed: return .trimmed
    case .data(let entry) where hasObjects && !entry.streams.isEmpty:
      if let number = numbers[entry.mark] { return .entry(number) }
      let append = ClusterHistory.Append(
        client: entry.mark.client,
        byteCount: entry.payload.count,
        began: tick()
      )
      appends.append(append)
      numbers[entry.mark] = appends.count - 1
      return .entry(appends.count - 1)
    case .data(let entry):
      guard let number = number(of: entry) else {
        fail("\(slot) stands at \(position), and nobody wrote it")
        return nil
      }
      if !entry.streams.isEmpty || !appends[number].streams.isEmpty {
        links[ClusterHistory.Place(append: number, position: position)] = entry.streams
      }
      return .entry(number)
    }
  }

  /// Which append's entry it is; `nil` if it is nobody's, or one of objects that was not seen yet.
  func number(of entry: Entry) -> Int? {
    if hasObjects && !entry.streams.isEmpty { return numbers[entry.mark] }
    let number = entry.payload.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard appends.indices.contains(number), appends[number].client == entry.mark.client,
      entry.payload == ClusterHistory.payload(of: number, byteCount: appends[number].byteCount)
    else { return nil }
    return number
  }
}
