import CorfuGlobalLog
public import CorfuSequencer

/// One seed of a sequencer's life: clients ask it, its process dies and starts anew, reigns end and
/// begin, and messages come late or twice.
///
/// Every answer is held against a model that forgets nothing, and what is handed out against what
/// was written.
public struct SequencerRun<Source: TokenSource>: Sendable {
  /// How a seed is drawn.
  public struct Shape: Sendable {
    /// How much happens.
    public var events: ClosedRange<Int> = 4...30
    /// How many positions a token may be for.
    public var batchMax = 4
    /// How many streams there are.
    public var streams = 0
    /// Of how many streams a sequencer remembers the ends.
    public var streamsMax = StreamTails.streamsMaxDefault
    /// Whether reigns end, processes start anew, and others take over.
    public var restarts = false
    /// Whether the log has nearly reached its end.
    public var isNearlyFull = false
    /// Whether clients also ask for what they cannot get.
    public var mistakes = true

    /// The plain counter.
    public init() {}
  }

  /// What a seed showed.
  public struct Outcome: Sendable {
    /// What happened, a line each.
    public internal(set) var events: [String] = []
    /// The first breach of each promise.
    public internal(set) var violations: [SequencerViolation] = []
    /// Tokens that were given.
    public internal(set) var tokens = 0
    /// Reigns that began.
    public internal(set) var reigns = 0
    /// Refusals that were heard.
    public internal(set) var refusals = 0
    /// Links whose beginning was forgotten.
    public internal(set) var forgotten = 0

    /// The first breach of one of some promises.
    public func violation(of promises: Set<SequencerPromise>) -> SequencerViolation? {
      violations.first { promises.contains($0.promise) }
    }
  }

  struct Process: Sendable {
    let name: String
    var life = 1
    var source: Source
    var model: SequencerModel
    var title: String { life == 1 ? name : "\(name), life \(life)" }
  }

  struct Holding: Sendable {
    let client: Int
    let token: Token
    let streams: [StreamID]
    var left: [Position]
  }

  let shape: Shape
  var random: SeededGenerator
  var outcome = Outcome()
  var processes: [Process] = []
  var units: SequencerUnits
  var reigns: [Reign] = []
  /// Who was meant by each reign.
  var named: [Int] = []
  var holdings: [Holding] = []
  /// Who was given each position of each epoch.
  var given: [Epoch: [Position: String]] = [:]
  var sequence: UInt64 = 0

  private init(seed: UInt64, shape: Shape) {
    self.shape = shape
    var random = SeededGenerator(seed: seed)
    units = SequencerUnits(
      chains: random.number(in: 1...3),
      replicas: random.number(in: 1...2)
    )
    self.random = random
  }

  /// Runs a seed.
  public static func run(seed: UInt64, shape: Shape) -> Outcome {
    var run = SequencerRun(seed: seed, shape: shape)
    run.begin()
    // What follows a breach would follow from it, and make the story longer.
    for _ in 0..<run.random.number(in: shape.events) where run.outcome.violations.isEmpty {
      run.step()
    }
    return run.outcome
  }

  private mutating func begin() {
    guard shape.restarts else {
      let boot = BootID(using: &random)
      let begin = UInt64(random.number(below: 10))
      let first = shape.isNearlyFull ? Position.max.number - begin : begin
      let reign = Reign(
        epoch: Epoch(UInt64(random.number(in: 1...3))),
        boot: boot,
        firstTail: Position(first),
        streams: random.chance(0.7) ? .empty : .unknown
      )
      var model = SequencerModel(boot: boot)
      model.install(reign)
      let source = Source(serving: reign, streamsMax: shape.streamsMax)
      processes = [Process(name: "seq", source: source, model: model)]
      reigns = [reign]
      named = [0]
      note("seq reigns in epoch \(reign.epoch), from \(reign.firstTail) on\(told(reign.streams))")
      return
    }
    for name in ["seq A", "seq B"] {
      let boot = BootID(using: &random)
      processes.append(
        Process(
          name: name,
          source: Source(boot: boot, streamsMax: shape.streamsMax),
          model: SequencerModel(boot: boot)
        )
      )
    }
    succeed()
  }

  private mutating func step() {
    switch random.number(below: shape.restarts ? 20 : 10) {
    case 0..<6: ask(someProcess(), in: someEpoch())
    case 6..<8: look()
    case 8: write()
    case 9: shape.restarts ? write() : ask(someProcess(), in: someEpoch())
    case 10..<13: write()
    case 13: fillOrTrim()
    case 14..<16: succeed()
    case 16: restart(random.number(below: processes.count))
    case 17: installAgain()
    case 18: sealAgain()
    default: askLate()
    }
  }

  mutating func note(_ event: String) {
    outcome.events.append(event)
  }

  mutating func fail(_ promise: SequencerPromise, _ description: String) {
    guard outcome.violation(of: [promise]) == nil else { return }
    outcome.violations.append(SequencerViolation(promise, description))
  }
}

extension SequencerRun {
  /// A client takes a token.
  mutating func ask(_ index: Int, in epoch: Epoch) {
    let client = random.number(in: 1...3)
    let streams = someStreams()
    var count = random.number(in: 1...shape.batchMax)
    if shape.mistakes, random.chance(0.05) {
      count = [0, -1, Token.countMax, Token.countMax + 1][random.number(below: 4)]
    }
    let process = processes[index]
    let expected = process.model.refusal(of: count, for: streams, in: epoch)
    let call =
      "c\(client) -> \(process.title)  reserve(\(count)\(told(streams))) in epoch \(epoch)"
    do throws(SequencerRefusal) {
      let token = try processes[index].source.reserve(count, for: streams, in: epoch)
      note("\(call)  <- \(told(token))")
      guard expected == nil else {
        return fail(
          .servesItsEpoch,
          "\(process.title) gave a token, though \(reason(expected))"
        )
      }
      outcome.tokens += 1
      check(token, count, streams, process, client: client)
      processes[index].model.reserve(count, for: unique(streams))
      holdings.append(
        Holding(
          client: client,
          token: token,
          streams: unique(streams),
          left: token.count <= shape.batchMax ? Array(token.positions) : []
        )
      )
    } catch {
      note("\(call)  <- refused: \(error)")
      outcome.refusals += 1
      if error != expected {
        fail(
          .servesItsEpoch,
          "\(process.title) refused with '\(error)', though \(reason(expected))"
        )
      }
    }
  }

  /// A client that has not heard of the newest reign asks whom it knows.
  private mutating func askLate() {
    guard let late = random.element(of: Array(reigns.indices.dropLast().suffix(2))) else { return }
    ask(named[late], in: reigns[late].epoch)
  }

  /// A client asks where the log ends, and where the streams do.
  private mutating func look() {
    let index = someProcess()
    let epoch = someEpoch()
    let process = processes[index]
    let expected = process.model.refusal(in: epoch)
    let streams = unique(someStreams())
    let call = "\(process.title)  tail(in epoch \(epoch))"
    do throws(SequencerRefusal) {
      let tail = try process.source.tail(in: epoch)
      note("c1 -> \(call)  <- \(tail)")
      guard expected == nil else {
        return fail(.servesItsEpoch, "\(process.title) told a tail, though \(reason(expected))")
      }
      if tail != process.model.next {
        let isOld = shape.restarts && tail < process.model.next
        fail(
          isOld ? .beginsBehindAll : .handsOutAll,
          "the tail is \(process.model.next), and it says \(tail)"
        )
      }
      guard shape.streams > 0 else { return }
      let links = try process.source.streamTails(of: streams, in: epoch)
      note("c1 -> \(process.title)  streamTails(\(told(streams).dropFirst()))  <-\(told(links))")
      check(links, streams, process)
    } catch {
      note("c1 -> \(call)  <- refused: \(error)")
      outcome.refusals += 1
      if error != expected {
        fail(
          .servesItsEpoch,
          "\(process.title) refused with '\(error)', though \(reason(expected))"
        )
      }
    }
  }

  private mutating func check(
    _ token: Token,
    _ count: Int,
    _ streams: [StreamID],
    _ process: Process,
    client: Int
  ) {
    let next = process.model.next
    if token.count != count || token.epoch != process.model.installed {
      fail(
        .handsOutAll,
        "c\(client) asked for \(count) in epoch \(told(process.model.installed)), and got "
          + "\(token.count) in epoch \(token.epoch)"
      )
    }
    if token.first > next {
      fail(.handsOutAll, "\(next) comes next, and \(token.first) was handed out: that skips some")
    }
    for position in token.positions.prefix(8) {
      if let other = given[token.epoch]?[position] {
        fail(.handsOutOnce, "\(position) was given to \(other), and again to c\(client)")
      }
      given[token.epoch, default: [:]][position] = "c\(client)"
      if let content = units.content(at: position), shape.restarts, position < next {
        fail(
          .beginsBehindAll,
          "\(position) was handed out, where there is \(told(content)) already"
        )
      }
    }
    if token.first < next, shape.restarts {
      let begin = reigns.last { $0.epoch == process.model.installed }?.firstTail ?? next
      let why =
        begin < next
        ? "it had handed out \(Position(next.number - 1)) before" : "its reign begins at \(next)"
      fail(.beginsBehindAll, "\(process.title) handed out \(token.first), though \(why)")
    }
    check(token.links, unique(streams), process)
  }

  /// Holds the links of an entry at the tail against all that was ever noted.
  private mutating func check(_ links: [StreamLink], _ streams: [StreamID], _ process: Process) {
    guard links.map(\.stream) == streams else {
      let asked = streams.isEmpty ? "no streams" : told(streams).dropFirst(4)
      return fail(.leadsBack, "\(asked) were asked for, and the answer has\(told(links))")
    }
    for link in links {
      let truth = process.model.last(of: link.stream)
      let mayForget = process.model.mayForget(link.stream, streamsMax: shape.streamsMax)
      switch (link.previous, truth) {
      case (nil, nil): outcome.forgotten += 1
      case (nil, let truth?):
        outcome.forgotten += 1
        if mayForget { continue }
        let why = "\(stands(link.stream, truth)), and the sequencer says it is unknown"
        fail(.admitsForgetting, why)
      case (let previous?, nil):
        fail(
          .admitsForgetting,
          "nobody knows all of s\(link.stream), and the sequencer says \(said(previous))"
        )
      case (let previous?, let truth?) where previous != truth:
        let isShort = mayForget && previous.count < truth.count
        fail(
          isShort ? .admitsForgetting : .leadsBack,
          "\(stands(link.stream, truth)), and the sequencer says \(said(previous))"
        )
      case (.some, .some): break
      }
    }
  }
}
