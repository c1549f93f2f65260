internal import CorfuProtocol
internal import CorfuSimulation
internal import CorfuStripeMirror
internal import Synchronization

/// The messages of one command, in the order in which they were sent and arrived.
public struct Trace: Equatable, Sendable {
  /// Something that happened to a message.
  public struct Step: Equatable, Sendable {
    /// What it was.
    public enum Kind: Equatable, Sendable {
      /// It arrived, or is on its way.
      case message
      /// It did not arrive, or nobody waits for it.
      case end
    }

    /// When, since the command began.
    public let time: Duration
    /// Who sent it.
    public let from: String
    /// Who was to get it.
    public let to: String
    /// What it was.
    public let kind: Kind
    /// What it said.
    public let text: String
  }

  /// What happened.
  public var steps: [Step] = []
  /// How many more messages there were than are shown.
  public var left = 0
}

/// Keeps the messages of a command while that is wanted.
final class TraceRecorder<Time: Clock>: Sendable where Time.Duration == Duration {
  typealias Event = SimulatedNetwork<Time>.Event
  typealias Party = SimulatedNetwork<Time>.Party

  /// More would help nobody.
  private static var eventsMax: Int { 120 }

  private struct State: Sendable {
    var isOn = false
    var showsChatter = false
    /// Calls that are not shown.
    var chatter: Set<UInt64> = []
    var events: [(time: Duration, event: Event)] = []
    var left = 0
    var begin = Duration.zero

    /// Whether it is about what monitors ask everybody, again and again.
    mutating func isChatter(_ event: Event) -> Bool {
      switch event {
      case .asked(let number, _, _, .status):
        chatter.insert(number)
        return true
      case .asked(let number, .client(let name), _, .newestLayout) where name.hasPrefix("m"):
        chatter.insert(number)
        return true
      case .asked: return false
      case .answered(let number, _, _, _), .unreachable(let number), .timedOut(let number),
        .givenUp(let number):
        return chatter.remove(number) != nil
      case .lost(let number), .repeated(let number), .late(let number), .overtaken(let number):
        return chatter.contains(number)
      }
    }
  }

  private let clock: Time
  private let start: Time.Instant
  private let state = Mutex(State())

  init(clock: Time) {
    self.clock = clock
    start = clock.now
  }

  /// Whether messages are kept.
  var isOn: Bool {
    get { state.withLock { $0.isOn } }
    set { state.withLock { $0.isOn = newValue } }
  }

  /// Whether what monitors ask all the time is kept as well.
  var showsChatter: Bool {
    get { state.withLock { $0.showsChatter } }
    set { state.withLock { $0.showsChatter = newValue } }
  }

  /// A command begins.
  func begin() {
    let now = start.duration(to: clock.now)
    state.withLock { state in
      state.events = []
      state.left = 0
      state.begin = now
    }
  }

  /// Something happened to a message.
  func note(_ event: Event) {
    guard isOn else { return }
    let now = start.duration(to: clock.now)
    state.withLock { state in
      if !state.showsChatter, state.isChatter(event) { return }
      if state.events.count < Self.eventsMax {
        state.events.append((now - state.begin, event))
      } else {
        state.left += 1
      }
    }
  }

  /// What happened since the command began, in words; `nil` while nothing is kept.
  func take(_ words: TraceWords) -> Trace? {
    let (isOn, events, left) = state.withLock { state in
      defer {
        state.events = []
        state.left = 0
      }
      return (state.isOn, state.events, state.left)
    }
    guard isOn else { return nil }
    var asked: [UInt64: (from: Party, to: NodeID, request: Request)] = [:]
    for (_, event) in events {
      if case .asked(let number, let from, let to, let request) = event {
        asked[number] = (from, to, request)
      }
    }
    var trace = Trace(left: left)
    for (time, event) in events {
      func end(_ number: UInt64, _ what: String) {
        guard let call = asked[number] else { return }
        trace.steps.append(
          Trace.Step(
            time: time,
            from: name(call.from, words),
            to: words.name(of: call.to),
            kind: .end,
            text: "\(what): \(words.text(call.request))"
          )
        )
      }
      switch event {
      case .asked(_, let from, let to, let request):
        trace.steps.append(
          Trace.Step(
            time: time,
            from: name(from, words),
            to: words.name(of: to),
            kind: .message,
            text: words.text(request)
          )
        )
      case .answered(let number, let from, let to, let reply):
        trace.steps.append(
          Trace.Step(
            time: time,
            from: words.name(of: from),
            to: name(to, words),
            kind: .message,
            text: words.text(reply, to: asked[number]?.request)
          )
        )
      case .lost(let number): end(number, "lost")
      case .repeated(let number): end(number, "arrives twice")
      case .late, .overtaken: break  // The diagram shows when.
      case .unreachable(let number): end(number, "nobody there")
      case .timedOut(let number): end(number, "no answer")
      case .givenUp(let number): end(number, "no longer waited for")
      }
    }
    return trace
  }

  private func name(_ party: Party, _ words: TraceWords) -> String {
    switch party {
    case .node(let node): words.name(of: node)
    case .client(let name): name
    }
  }
}
