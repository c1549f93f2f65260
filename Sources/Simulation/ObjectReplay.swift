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

  private typealias DirectoryUpdate = CorfuTransactions.Directory.Update

  private var states: [TracedObject: any TracedState]
  private(set) var directory = CorfuTransactions.Directory()

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
    // Whoever calls knows that it is for objects.
    guard case .updates(let updates)? = try? ObjectEntry(decoding: entry.payload) else {
      return nil
    }
    var played: [Played] = []
    for update in updates {
      let (stream, bytes) = (update.stream, update.bytes)
      if stream == StreamID(0) {
        // It is not what a directory writes.
        guard let update = try? BinaryCoder.decode(DirectoryUpdate.self, from: bytes) else {
          return nil
        }
        _ = directory.apply(update)
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
}
