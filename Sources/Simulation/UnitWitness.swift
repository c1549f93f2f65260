internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// Stands before a unit, hears every request and reply, and holds them against what the unit said
/// in its earlier lives: rules R1–R5 and R7, at the place where they are kept or broken.
///
/// What a reply once told of must stay true, whether or not the reply arrived.
final class UnitWitness: RequestHandler {
  private let handler: any RequestHandler
  private let memory: UnitMemory
  /// Which life of its disk the unit is, at the moment.
  private let incarnation: @Sendable () -> Incarnation?

  init(
    _ handler: any RequestHandler,
    memory: UnitMemory,
    incarnation: @escaping @Sendable () -> Incarnation?
  ) {
    self.handler = handler
    self.memory = memory
    self.incarnation = incarnation
  }

  func handle(_ request: Request) async -> Reply {
    let life = incarnation()
    memory.attend(life)
    let moment = memory.began(request)
    let reply = await handler.handle(request)
    // What two lives of a disk say need not agree.
    if incarnation() == life { memory.judge(reply, to: request, since: moment) }
    return reply
  }
}

/// All that a unit has told, over all its lives.
final class UnitMemory: Sendable {
  fileprivate struct Fact: Sendable {
    var slot: Slot
    var since: Int
  }

  fileprivate struct State: Sendable {
    var clock = 0
    /// Whose memory it is.
    var incarnation: Incarnation?
    var facts: [Position: Fact] = [:]
    var tail = Position.zero
    var mark = Position.zero
    var markSince = 0
    var sealed = Epoch.zero
    var sealedSince = 0
    var installed = Epoch.zero
    var served: [Epoch: LayoutID] = [:]
    /// The layouts that it was told to serve, whether it did or not.
    var known: Set<LayoutID> = []
  }

  private let name: NodeID
  private let fail: @Sendable (String) -> Void
  private let state = Mutex(State())

  init(of name: NodeID, fail: @escaping @Sendable (String) -> Void) {
    self.name = name
    self.fail = fail
  }

  /// Which life of the disk it is about; `nil` if none has said anything yet.
  var incarnation: Incarnation? { state.withLock { $0.incarnation } }

  /// A request arrives.
  ///
  /// - Returns: A moment to hold its reply against.
  func began(_ request: Request) -> Int {
    state.withLock { state in
      if case .install(let request) = request { state.known.insert(request.layout.id) }
      return state.clock
    }
  }

  /// A unit came back: it must know what it said before (D8, R7).
  func revisit(sealed: Epoch, installed: Epoch, trimMark: Position) {
    let told = state.withLock { ($0.sealed, $0.installed, $0.mark) }
    if sealed < told.0 { report("D8: it has sealed \(sealed), and had said \(told.0)") }
    if installed < told.1 { report("D8: it is in \(installed), and had said \(told.1)") }
    if trimMark < told.2 { report("R7: its trim mark is \(trimMark), and had been \(told.2)") }
  }

  /// From now on it is about this life of the disk: of another one it forgets everything.
  func attend(_ incarnation: Incarnation?) {
    state.withLock { state in
      guard let incarnation, state.incarnation != incarnation else { return }
      var next = State()
      next.clock = state.clock
      next.known = state.known
      next.incarnation = incarnation
      state = next
    }
  }

  /// Holds a reply against what is known.
  func judge(_ reply: Reply, to request: Request, since began: Int) {
    let finding = state.withLock { state in
      state.clock += 1
      return state.judge(reply, to: request, since: began)
    }
    if let finding { report(finding) }
  }

  private func report(_ finding: String) {
    fail("\(name): \(finding)")
  }
}

extension UnitMemory.State {
  fileprivate mutating func judge(
    _ reply: Reply,
    to request: Request,
    since began: Int
  ) -> String? {
    switch (request, reply) {
    case (.write(let request), .written(let answers)):
      if let finding = serves(request.layout, since: began, isWrite: true) { return finding }
      for (value, answer) in zip(request.values, answers) {
        if let finding = heard(answer, of: value, since: began) { return finding }
      }
    case (.repair(let request), .written(let answers)):
      if let finding = serves(request.layout, since: began, isWrite: true) { return finding }
      for (value, answer) in zip(request.values, answers) {
        if let finding = heard(answer, ofRepair: value, since: began) { return finding }
      }
    case (.read(let request), .slots(let slots)):
      if let finding = serves(request.layout, since: began, isWrite: false) { return finding }
      for (position, slot) in zip(request.positions, slots) {
        guard case .success(let slot) = slot else { continue }
        if let finding = heard(slot, at: position, since: began) { return finding }
      }
    case (.trim(let request), .trimmed):
      if let finding = serves(request.layout, since: began, isWrite: true) { return finding }
      for position in request.positions { learn(.trimmed, at: position) }
    case (.trimPrefix(let request), .trimmed):
      if let finding = serves(request.layout, since: began, isWrite: true) { return finding }
      if request.mark > mark { (mark, markSince) = (request.mark, clock) }
      tail = max(tail, mark)
    case (.trimRanges(let request), .trimmed):
      for range in request.ranges {
        for position in range where position >= mark { learn(.trimmed, at: position) }
      }
    case (.sealUnit(let request), .unitSealed(let seal)):
      return heard(seal, asked: request.epoch, since: began)
    case (.install, .installed(let layout)):
      installed = max(installed, layout.epoch)
    case (_, .refused(.epoch(.sealed(let epoch, _)))): close(epoch)
    default: break
    }
    return nil
  }

  private mutating func close(_ epoch: Epoch) {
    if epoch > sealed { (sealed, sealedSince) = (epoch, clock) }
  }

  /// A request had an effect, or was told of one: its layout must be the one in force (R3, R4).
  private mutating func serves(
    _ layout: LayoutID,
    since began: Int,
    isWrite: Bool
  ) -> String? {
    if layout.epoch <= sealed, isWrite || began >= sealedSince {
      let rule = began >= sealedSince ? "R3" : "R4"
      return "\(rule): it served \(layout), after it had said that \(sealed) is sealed"
    }
    if let other = served[layout.epoch], other != layout {
      return "R3: it served two layouts of \(layout)"
    }
    if !known.contains(layout) { return "R3: it served \(layout), which it was never told of" }
    served[layout.epoch] = layout
    return nil
  }

  private mutating func learn(_ slot: Slot, at position: Position) {
    tail = max(tail, position.advanced(by: 1))
    if let fact = facts[position], fact.slot == slot { return }
    facts[position] = UnitMemory.Fact(slot: slot, since: clock)
  }

  /// What was certain about a position before a request arrived.
  private func certain(_ position: Position, at moment: Int) -> Slot? {
    if position < mark, markSince <= moment { return .trimmed }
    guard let fact = facts[position], fact.since <= moment else { return nil }
    return fact.slot
  }

  private mutating func heard(
    _ answer: WriteAnswer,
    of placed: PlacedValue,
    since began: Int
  ) -> String? {
    switch answer {
    case .taken(let slot): return heard(slot, at: placed.position, since: began)
    case .refused: return nil
    case .written:
      if let slot = certain(placed.position, at: began) {
        return "R1: it wrote \(placed.value) to \(placed.position), where \(slot) stood"
      }
      if let fact = facts[placed.position] {
        // Another copy of the request may have been heard of first, or a trim that came later.
        if fact.slot == placed.value || fact.slot == .trimmed { return nil }
        return "R1: it wrote \(placed.value) to \(placed.position), and told of \(fact.slot)"
      }
      if placed.position >= mark { learn(placed.value, at: placed.position) }
      return nil
    }
  }

  /// A repair brings back what was told of before, or what nobody was told of yet; nothing else.
  private mutating func heard(
    _ answer: WriteAnswer,
    ofRepair placed: PlacedValue,
    since began: Int
  ) -> String? {
    switch answer {
    case .taken(let slot) where slot.isTaken: heard(slot, at: placed.position, since: began)
    case .written: heard(placed.value, at: placed.position, since: began)
    case .taken, .refused: nil
    }
  }

  private mutating func heard(
    _ slot: Slot,
    at position: Position,
    since began: Int
  ) -> String? {
    let before = certain(position, at: began)
    switch slot {
    case .empty:
      if let before { return "R5: \(position) is empty, and it had told of \(before)" }
    case .trimmed:
      learn(.trimmed, at: position)
    case .data, .junk:
      if before == .trimmed { return "R7: \(slot) stands at \(position), which was trimmed" }
      if let fact = facts[position], fact.slot != slot, fact.slot != .trimmed {
        return "R1: \(slot) stands at \(position), and it had told of \(fact.slot)"
      }
      if facts[position] == nil, position >= mark { learn(slot, at: position) }
    }
    return nil
  }

  private mutating func heard(_ seal: UnitSeal, asked: Epoch, since began: Int) -> String? {
    if seal.sealed < sealed, sealedSince <= began {
      return "R3: it had sealed \(sealed), and now only \(seal.sealed)"
    }
    if seal.sealed < asked { return "R4: asked to seal \(asked), it sealed \(seal.sealed)" }
    if seal.tail < tail { return "R4: it said that it ends at \(seal.tail), and ends at \(tail)" }
    if seal.trimMark < mark {
      return "R7: it said that its trim mark is \(seal.trimMark), and had told of \(mark)"
    }
    close(seal.sealed)
    return nil
  }
}

/// Stands before a sequencer, and remembers what was handed out by any life of it.
final class SequencerWitness: RequestHandler {
  private let handler: any RequestHandler
  private let boot: BootID
  private let objects: ObjectHistory?
  private let onIssue: @Sendable (Position) -> Void

  init(
    _ handler: any RequestHandler,
    boot: BootID,
    objects: ObjectHistory?,
    onIssue: @escaping @Sendable (Position) -> Void
  ) {
    self.handler = handler
    self.boot = boot
    self.objects = objects
    self.onIssue = onIssue
  }

  func handle(_ request: Request) async -> Reply {
    if case .reign(let request) = request { onIssue(request.layout.firstTail) }
    let reply = await handler.handle(request)
    switch (request, reply) {
    case (.reserve(let request), .token(let token)):
      issue(token, to: request.streams.map { StreamKeys($0) })
    case (.reserveEach(let request), .grants(let grants)):
      for (wish, grant) in zip(request.reservations, grants) {
        if case .token(let token) = grant { issue(token, to: wish.writes) }
      }
    case (.reign(let request), .reigning):
      let layout = request.layout
      objects?.reigns(boot, in: layout.epoch, from: layout.firstTail)
    default: break
    }
    return reply
  }

  private func issue(_ token: Token, to writes: [StreamKeys]) {
    onIssue(token.positions.upperBound)
    if !writes.isEmpty { objects?.given(token, to: writes, by: boot) }
  }
}
