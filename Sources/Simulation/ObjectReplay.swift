internal import CorfuGlobalLog
internal import CorfuTransactions

/// An object played by nobody but the judge, one entry after the other: what everybody else must
/// have seen.
struct ObjectReplay {
  /// An update, as it stands in the log.
  struct Played: Sendable {
    var number: Int
    var object: TracedObject
    var outcome: Int
    /// The keys that it writes; `nil` for all of the object.
    var keys: [LogKey]?
  }

  private var states: [TracedObject: any TracedState]
  private(set) var directory = Directory()

  init() {
    let all = TracedObject.allCases.map { ($0, $0.initial) }
    states = Dictionary(uniqueKeysWithValues: all)
  }

  /// Which object has a stream, as the directory says by now.
  func object(in stream: StreamID) -> TracedObject? {
    TracedObject.allCases.first { directory[$0.rawValue]?.stream == stream }
  }

  func digest(of object: TracedObject) -> Int { states[object]?.digest ?? 0 }

  func word(of object: TracedObject, at key: LogKey?) -> Int { states[object]?.word(of: key) ?? 0 }

  /// Plays an entry.
  ///
  /// - Returns: The updates of objects in it; `nil` if it is not what objects write.
  mutating func play(_ entry: Entry) -> [Played]? {
    guard let updates = Self.updates(in: entry.payload) else { return nil }
    var played: [Played] = []
    for (stream, bytes) in updates {
      if stream == Directory().stream {
        guard let update = try? BinaryCoder.decode(Directory.Update.self, from: bytes) else {
          return nil  // It is not what a directory writes.
        }
        directory.apply(update)
        continue
      }
      guard let object = object(in: stream), let state = states[object],
        let (next, one) = Self.apply(bytes, to: state, of: object)
      else { return nil }
      states[object] = next
      played.append(one)
    }
    return played
  }

  private static func apply<State: TracedState>(
    _ bytes: ArraySlice<UInt8>,
    to state: State,
    of object: TracedObject
  ) -> (any TracedState, Played)? {
    // Whatever it is instead, the judge says that it should not be there.
    guard let update = try? BinaryCoder.decode(State.Update.self, from: bytes) else { return nil }
    var state = state
    let outcome = State.word(of: state.apply(update))
    let played = Played(
      number: State.number(of: update),
      object: object,
      outcome: outcome,
      keys: State.keys(writtenBy: update)
    )
    return (state, played)
  }

  /// The updates in a payload, read here once more and not by the code that is judged.
  private static func updates(
    in payload: [UInt8]
  ) -> [(stream: StreamID, bytes: ArraySlice<UInt8>)]? {
    guard payload.starts(with: [0xc7, 1]) else { return nil }
    var rest = payload.dropFirst(2)
    func number(_ count: Int) -> UInt64 {
      rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    var updates: [(stream: StreamID, bytes: ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      guard rest.count >= 12 else { return nil }
      let stream = StreamID(number(8))
      rest = rest.dropFirst(8)
      let length = Int(number(4))
      rest = rest.dropFirst(4)
      guard rest.count >= length else { return nil }
      updates.append((stream, rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return updates
  }
}

extension Directory {
  /// The stream that everybody knows.
  fileprivate var stream: StreamID { StreamID(0) }
}
