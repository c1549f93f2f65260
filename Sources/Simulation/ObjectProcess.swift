internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuTransactions
internal import Synchronization

typealias SimulatedRuntime = Runtime<ObservedLog>
typealias SimulatedObject<State: ReplicatedState> = ReplicatedObject<ObservedLog, State>

/// A process with objects over a simulated cluster, which does whatever processes may do with them.
final class ObjectProcess: Sendable {
  let plain: ClusterClient
  let history: ObjectHistory
  let nodes: ClusterNodes
  /// What a runtime of now is over.
  private var log: ObservedLog {
    ObservedLog(log: plain.log, history: history, cluster: nodes.history)
  }
  private let state: Mutex<State>

  private struct State: Sendable {
    var random: SeededGenerator
    var runtime: SimulatedRuntime
    /// How many hands are at something.
    var busy = 0
    /// Whether a new runtime is to take over, once nobody works with the old one.
    var isStale = false
    var isMakingRoom = false
  }

  init(
    _ plain: ClusterClient,
    history: ObjectHistory,
    nodes: ClusterNodes,
    random: SeededGenerator
  ) {
    self.plain = plain
    self.history = history
    self.nodes = nodes
    var drawn = random
    let runtime = SimulatedRuntime(
      over: ObservedLog(log: plain.log, history: history, cluster: nodes.history),
      limits: Self.limits(&drawn, history)
    )
    state = Mutex(State(random: drawn, runtime: runtime))
  }

  private static func limits(
    _ random: inout SeededGenerator,
    _ history: ObjectHistory
  ) -> RuntimeLimits {
    var limits = RuntimeLimits()
    limits.chunkMax = random.number(in: 1...40)
    // Every other process reads a dense log as it stands.
    limits.scanMin = limits.chunkMax.isMultiple(of: 2) ? 8 : 1024
    limits.attemptsMax = random.number(in: 1...5)
    limits.pieceBytes = random.number(in: 1...80)
    // Who begins anew with the log knows that it has nothing of what was.
    limits.passesLosses = history.isCut
    return limits
  }

  var runtime: SimulatedRuntime { state.withLock { $0.runtime } }

  func draw<Value: Sendable>(
    _ body: @Sendable (inout SeededGenerator) -> Value
  ) -> Value {
    state.withLock { body(&$0.random) }
  }

  /// The newest epoch that it knows of.
  var epoch: Epoch { plain.log.knownEpoch }

  func fail(_ violation: String) { nodes.history.fail(violation) }

  /// Works until it is cancelled, or there is nothing more to do.
  func run(until isDone: @Sendable () -> Bool) async {
    while !Task.isCancelled && !isDone() {
      await nodes.world.sleep(for: draw { $0.duration(in: .zero ... .milliseconds(2)) })
      state.withLock { $0.busy += 1 }
      await act()
      state.withLock { $0.busy -= 1 }
      renew()
    }
  }

  private func act() async {
    let rate = nodes.configuration.trimRate
    if rate > 0, draw({ $0.chance(rate) }) { return await trim() }
    switch draw({ $0.number(below: 45) }) {
    case 0..<4: await transfer()
    case 4..<8: await writeBoth()
    case 8, 9: await dealWithAll()
    case 10..<13: await compareBoth()
    case 13, 14: await tryAgain()
    case 15..<18: await count()
    case 18, 19: await push()
    case 20, 21: await pop()
    case 22..<25: await look(at: somebody(), isFresh: true)
    case 25: await look(at: somebody(), isFresh: false)
    case 26..<30: await append()
    case 30, 31: await readStream()
    case 32: await travel(to: somebody())
    case 33: await keep(somebody())
    case 34: if draw({ $0.chance(0.4) }) { await trim() }
    case 35: await overrun()
    case 36: if draw({ $0.chance(0.15) }) { await nap() }
    case 37: if draw({ $0.chance(0.1) }) { reopen() }
    case 38: if draw({ $0.chance(0.3) }) { await comeLate() }
    default: await plain.act()
    }
  }

  private func somebody() -> TracedObject {
    draw { $0.element(of: TracedObject.allCases) } ?? .bank
  }

  /// Forgets all that is open, as a process that begins anew does: with both hands.
  func reopen() {
    state.withLock { $0.isStale = true }
    renew()
  }

  private func renew() {
    guard state.withLock({ $0.isStale && $0.busy == 0 }) else { return }
    let limits = draw { Self.limits(&$0, history) }
    history.probe("reopened")
    state.withLock { state in
      state.runtime = SimulatedRuntime(over: log, limits: limits)
      state.isStale = false
    }
  }

  /// Makes room on disks that are full, unless somebody is at it: that takes room, too.
  private func makeRoom() async {
    let isFirst = state.withLock { state in
      defer { state.isMakingRoom = true }
      return !state.isMakingRoom
    }
    guard isFirst else { return await nodes.world.sleep(for: .milliseconds(10)) }
    addRoom()
    await trim()
    state.withLock { $0.isMakingRoom = false }
  }

  /// Another runtime over the same log, which has nothing open yet.
  func freshRuntime() -> SimulatedRuntime {
    SimulatedRuntime(over: log, limits: draw { Self.limits(&$0, history) })
  }

  /// An operator may see that a disk is full: a checkpoint takes room, and where there is none at
  /// all nobody else can give it.
  private func addRoom() {
    guard draw({ $0.chance(0.5) }) else { return }
    history.probe("room added")
    nodes.addRoom()
  }

  /// Falls behind.
  private func nap() async {
    history.probe("nap")
    await nodes.world.sleep(for: draw { $0.duration(in: .milliseconds(50)...(.milliseconds(600))) })
  }

  // MARK: - Objects

  /// An object, opened.
  func open<State: TracedState>(
    _ object: TracedObject,
    of type: State.Type = State.self
  ) async throws(ObjectError) -> SimulatedObject<State> {
    // What is open already may be of a log whose end this runtime has not heard of.
    let epoch = runtime.seen.epoch
    let opened = try await runtime.object(object.rawValue, of: type)
    if !history.isKnown(object, as: opened.stream, in: epoch) { fail("\(object) has two streams") }
    return opened
  }

  /// What a process does about an error, and what came of what it did.
  ///
  /// - Parameters:
  ///   - error: The error.
  ///   - what: What met it.
  /// - Returns: What became of it.
  @discardableResult
  func survive(
    _ error: ObjectError,
    in what: String
  ) async -> ObjectHistory.Fate {
    switch error {
    case .log(let error):
      switch error {
      case .indefinite(let position): return .indefinite(position)
      case .unavailable, .noQuorum: return .nowhere
      case .closed where Task.isCancelled: return .unknown
      // All that it knew is lost, and what it opens from now on is of another log.
      case .cut where history.isCut, .lost where history.isCut, .beyondTail where history.isCut:
        history.probe("cut under a process")
        if error.isLoss || draw({ $0.chance(0.5) }) { reopen() }
        return .nowhere
      case .closed where history.isCut:
        history.probe("ended with the log")
        reopen()
        return .nowhere
      case .outOfSpace:
        history.probe("no space")
        await makeRoom()
        return .nowhere
      case .entryTooLarge, .corrupt, .unknown, .lost, .cut, .beyondTail, .trimmed, .inconsistent,
        .closed, .failed:
        fail("\(what) answered: \(error)")
      }
    case .trimmed(let stream, let position):
      history.probe("trimmed under a reader")
      if position >= history.trimBegun {
        fail("R38: \(what) answered that \(position) of stream \(stream) is trimmed")
      }
      reopen()
      return .nowhere
    case .aborted: return .nowhere
    case .undecodable, .unencodable, .otherType, .badName: fail("\(what) answered: \(error)")
    }
    return .unknown
  }

  /// Notes what an object is, as far as it was played here.
  private func note<State: TracedState>(
    _ object: SimulatedObject<State>,
    as traced: TracedObject,
    _ what: String
  ) throws(ObjectError) -> Position {
    // Nothing is played between the two: nobody waits.
    let moment = runtime.seen
    let seen = max(moment.position, object.version)
    let digest = try object.peek { $0.digest }
    history.saw(
      .init(
        object: traced,
        position: seen,
        digest: digest,
        what: what,
        reign: moment.epoch...moment.epoch
      )
    )
    return seen
  }

  /// Looks at an object.
  ///
  /// - Returns: Whether that was possible.
  @discardableResult
  func look(at traced: TracedObject, isFresh: Bool) async -> Bool {
    func look<State: TracedState>(as type: State.Type) async throws(ObjectError) {
      let floor = history.floor
      let object = try await open(traced, of: type)
      if isFresh {
        _ = try await object.read { $0.digest }
      }
      let seen = try note(object, as: traced, isFresh ? "a read" : "a peek")
      if isFresh && seen < floor && !history.isCut {
        fail("R32: a read of \(traced) knows what is before \(seen), and not \(floor)")
      }
      history.probe(isFresh ? "read" : "peek")
      if runtime.counters.restarts > 0 { history.probe("began anew") }
    }
    do throws(ObjectError) {
      switch traced {
      case .left, .right, .bank: try await look(as: TracedAccounts.self)
      case .counter: try await look(as: TracedCounter.self)
      case .queue: try await look(as: TracedQueue.self)
      }
      return true
    } catch {
      await survive(error, in: "a read of \(traced)")
      return false
    }
  }

  /// Looks at an object as it was.
  private func travel(to traced: TracedObject) async {
    func travel<State: TracedState>(as type: State.Type) async throws(ObjectError) {
      let object = try await open(traced, of: type)
      let end = Int(runtime.seen.position.number)
      let position = draw { random in
        let back = random.chance(0.7) ? random.number(below: 60) : random.number(below: end + 2)
        return Position(UInt64(max(0, end + 2 - back)))
      }
      do throws(ObjectError) {
        let epoch = epoch
        let state = try await object.state(at: position)
        history.saw(
          .init(
            object: traced,
            position: position,
            digest: state.digest,
            what: "time travel",
            reign: epoch...self.epoch
          )
        )
        history.probe("time travel")
      } catch {
        switch error {
        case .log(.beyondTail(position, _)): history.probe("time travel to the future")
        // Of what was before the trim, even if the moment is not: its next checkpoint may be later.
        case .trimmed(_, let gone) where gone < history.trimBegun:
          history.probe("time travel too far")
        default: throw error
        }
      }
    }
    do throws(ObjectError) {
      switch traced {
      case .left, .right, .bank: try await travel(as: TracedAccounts.self)
      case .counter: try await travel(as: TracedCounter.self)
      case .queue: try await travel(as: TracedQueue.self)
      }
    } catch {
      await survive(error, in: "time travel of \(traced)")
    }
  }

  // MARK: - Checkpoints

  func keep(_ traced: TracedObject) async {
    do throws(ObjectError) {
      switch traced {
      case .left, .right, .bank:
        try await runtime.checkpoint(try await open(traced, of: TracedAccounts.self))
      case .counter: try await runtime.checkpoint(try await open(traced, of: TracedCounter.self))
      case .queue: try await runtime.checkpoint(try await open(traced, of: TracedQueue.self))
      }
      history.probe("checkpoint")
    } catch {
      await survive(error, in: "a checkpoint of \(traced)")
    }
  }

  /// Forgets what is in checkpoints.
  private func trim() async {
    if draw({ $0.chance(0.7) }) {
      for traced in TracedObject.allCases { await keep(traced) }
    }
    do throws(ObjectError) {
      for name in TracedObject.streams {
        let stream = try await runtime.stream(name)
        let end = Int(runtime.seen.position.number)
        let mark = draw { Position(UInt64(max(0, end - $0.number(below: 60)))) }
        try await stream.trim(before: mark)
      }
      let before = history.trimBegun
      let mark = try await runtime.trim()
      history.probe("trim")
      if mark > before { history.probe("trim that goes on") }
    } catch {
      guard error == .log(.outOfSpace) else {
        await survive(error, in: "a trim")
        return
      }
      await nodes.world.sleep(for: .milliseconds(20))
      addRoom()
    }
  }

  /// Looks at all objects as they are here in the end, when all is well.
  func lookAtAll() async {
    for traced in TracedObject.allCases {
      // Whoever fell behind the trims is told so first, and begins anew.
      var isSeen = false
      for _ in 0..<4 where !isSeen { isSeen = await look(at: traced, isFresh: true) }
      if !isSeen { fail("\(traced) cannot be read, and all is well") }
    }
  }
}

extension LogError {
  /// Whether something was given up that somebody needs.
  fileprivate var isLoss: Bool {
    if case .lost = self { return true }
    return false
  }
}
