internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

typealias SimulatedClient = Client<ClusterWay, SimulatedClock, SimulatedParts>

/// A client that does whatever clients may do to a cluster, at random, and tells the history.
final class ClusterClient: Sendable {
  let log: SimulatedClient
  private let nodes: ClusterNodes
  private let random: Mutex<SeededGenerator>
  private var history: ClusterHistory { nodes.history }
  private var configuration: ClusterConfiguration { nodes.configuration }

  init(_ log: SimulatedClient, nodes: ClusterNodes, random: SeededGenerator) {
    self.log = log
    self.nodes = nodes
    self.random = Mutex(random)
  }

  private func draw<Value: Sendable>(
    _ body: @Sendable (inout SeededGenerator) -> Value
  ) -> Value {
    random.withLock { body(&$0) }
  }

  /// Works until it is cancelled, or there is nothing more to do.
  func run(until isDone: @Sendable () -> Bool) async {
    while !Task.isCancelled && !isDone() {
      await nodes.world.sleep(for: draw { $0.duration(in: .zero ... .milliseconds(2)) })
      await act()
    }
  }

  /// Does something.
  func act() async {
    switch draw({ $0.number(below: 26) }) {
    case 0..<9: await append(1)
    case 9..<14: await append(draw { $0.number(in: 2...12) })
    case 14, 15, 16: await read(somewhere())
    case 17, 18: await read(somewhere(), count: draw { $0.number(in: 1...16) })
    case 19, 20: await fill(somewhere())
    case 21, 22: await tail()
    case 23: if configuration.trimsAnything { await trim(somewhere()) }
    case 24:
      if configuration.trimsAnything && draw({ $0.chance(0.3) }) { await trimPrefix(somewhere()) }
    default: await read(history.extent)
    }
  }

  /// Reads what a chain keeps, near the end.
  func look(at chain: Chain, in layout: Layout) async {
    for _ in 0..<10 {
      let position = somewhere()
      if RoundRobin().chain(of: position, in: layout) == chain { return await read(position) }
    }
  }

  /// Near the end most often, on either side of it.
  private func somewhere() -> Position {
    let end = Int(history.extent.number)
    return draw { random in
      let back = random.chance(0.8) ? random.number(below: 14) : random.number(below: end + 14)
      return Position(UInt64(max(0, end + 3 - back)))
    }
  }

  // MARK: - Operations

  /// Appends entries and says where they stand, if all of them do.
  @discardableResult
  func append(_ count: Int) async -> [Position]? {
    let moment = history.moment()
    let sizes = draw { random in
      (0..<count).map { _ in 8 + random.number(below: self.configuration.limits.payloadBytesMax / 4)
      }
    }
    // Objects have the streams for themselves.
    let streams = draw { [configuration] random in
      configuration.hasObjects ? [] : ClusterHistory.streams.filter { _ in random.chance(0.3) }
    }
    let entries = sizes.map { size in
      history.begin(
        appendBy: log.id,
        byteCount: size,
        streams: streams,
        at: moment,
        from: log.layout.epoch
      )
    }
    do {
      let positions: [Position]
      if !streams.isEmpty {
        positions = try await log.append(
          batch: entries.map(\.payload),
          writing: streams.map { StreamKeys($0) }
        )
      } else if count == 1, let entry = entries.first {
        positions = [try await log.append(entry.payload)]
      } else {
        positions = try await log.append(batch: entries.map(\.payload))
      }
      for (entry, position) in zip(entries, positions) {
        history.end(append: entry.number, .stands(position))
        let epoch = history.epoch(ofAppend: entry.number)
        nodes.proveStands(entry.payload, at: position, in: epoch)
      }
      return positions
    } catch {
      // Of a batch nobody says which of its entries the error is about.
      let fate: ClusterHistory.Fate =
        switch error {
        case .indefinite(let position): count == 1 ? .indefinite(position) : .unknown
        case .unavailable, .outOfSpace, .closed: count == 1 ? .nowhere : .unknown
        default: .unknown
        }
      for entry in entries { history.end(append: entry.number, fate) }
      await survive(error, in: "an append")
      return nil
    }
  }

  /// When something was asked, and the newest epoch that this client knew of then.
  struct Question: Sendable {
    let moment: Int
    let epoch: Epoch
  }

  /// It is about to ask what stands somewhere.
  func question() -> Question { Question(moment: history.moment(), epoch: log.layout.epoch) }

  /// It was told what stands there.
  func saw(_ slot: Slot, at position: Position, since question: Question, isFill: Bool = false) {
    history.saw(
      slot,
      at: position,
      since: question.moment,
      from: question.epoch,
      to: log.layout.epoch,
      isFill: isFill
    )
  }

  /// It was told that what stood there is lost.
  func sawLoss(at position: Position, since question: Question) {
    history.sawLoss(
      at: position,
      since: question.moment,
      from: question.epoch,
      to: log.layout.epoch
    )
  }

  private func read(_ position: Position) async {
    let question = question()
    do {
      let slot = try await log.read(position)
      saw(slot, at: position, since: question)
      nodes.proveComplete(slot, at: position, in: question.epoch, as: "a read of")
    } catch .lost(position) {
      sawLoss(at: position, since: question)
    } catch {
      await survive(error, in: "a read")
    }
  }

  private func read(_ position: Position, count: Int) async {
    let question = question()
    do {
      let slots = try await log.read(position..<position.advanced(by: count))
      for (slot, place) in zip(slots, position...) {
        saw(slot, at: place, since: question)
        nodes.proveComplete(slot, at: place, in: question.epoch, as: "a read of")
      }
    } catch .lost(let place) where place >= position && place < position.advanced(by: count) {
      sawLoss(at: place, since: question)
    } catch {
      await survive(error, in: "a read")
    }
  }

  private func fill(_ position: Position) async {
    let question = question()
    do {
      let slot = try await log.fill(position)
      saw(slot, at: position, since: question, isFill: true)
      nodes.proveComplete(slot, at: position, in: question.epoch, as: "a fill of")
      if !slot.isTaken { history.fail("a fill of \(position) left it empty") }
      if position >= nodes.issued && configuration.isHonest {
        history.fail(
          "R17: \(position) was filled, and only what is before \(nodes.issued) was issued"
        )
      }
    } catch .beyondTail(position, let tail) {
      history.saw(tail: tail, isSettled: false, since: question.moment, from: question.epoch)
    } catch {
      await survive(error, in: "a fill")
    }
  }

  @discardableResult
  func tail() async -> Position? {
    let question = question()
    do {
      let tail = try await log.tail()
      history.saw(tail: tail, isSettled: true, since: question.moment, from: question.epoch)
      return tail
    } catch {
      await survive(error, in: "the tail")
      return nil
    }
  }

  private func trim(_ position: Position) async {
    let range = position..<position.advanced(by: 1)
    let number = history.begin(trimOf: range, from: log.layout.epoch)
    do {
      try await log.trim(position)
      history.end(trim: number, in: log.layout.epoch)
    } catch .beyondTail(position, _) {
      return
    } catch {
      await survive(error, in: "a trim")
    }
  }

  private func trimPrefix(_ mark: Position) async {
    let number = history.begin(trimOf: .zero..<mark, from: log.layout.epoch)
    do {
      try await log.trimPrefix(before: mark)
      history.end(trim: number, in: log.layout.epoch)
    } catch .beyondTail(mark, _) {
      return
    } catch .outOfSpace {
      // More room is others' to make: compaction's, or the operator's.
      await nodes.world.sleep(for: .milliseconds(10))
    } catch {
      await survive(error, in: "a prefix trim")
    }
  }

  /// What a client does about an error: makes room on a full disk, and goes on.
  private func survive(_ error: LogError, in what: String) async {
    switch error {
    case .unavailable, .indefinite, .noQuorum: return
    // Whoever sent appends out together was called off.
    case .closed where Task.isCancelled: return
    // Of objects something else makes room.
    case .outOfSpace where configuration.hasObjects:
      await nodes.world.sleep(for: .milliseconds(10))
    case .outOfSpace:
      let mark = history.extent
      if mark > .zero { await trimPrefix(mark.advanced(by: -min(4, Int(mark.number)))) }
    // What it wanted to be forgotten is lost as it is.
    case .cut where history.forgets: return
    // Of one that lies a client may hear that the log ends before what it fills.
    case .beyondTail where !configuration.isHonest: return
    case .entryTooLarge, .corrupt, .unknown, .lost, .cut, .beyondTail, .trimmed, .inconsistent,
      .closed, .failed:
      history.fail("\(what) answered: \(error)")
    }
  }
}

extension ClusterNodes {
  /// A new client.
  ///
  /// - Parameters:
  ///   - name: Its name in the network.
  ///   - id: Its name in entries.
  ///   - layout: The newest layout that it knows.
  ///   - random: Draws what it does.
  /// - Returns: The client.
  func client(
    _ name: String,
    _ id: ClientID,
    _ layout: Layout,
    random: SeededGenerator
  ) -> ClusterClient {
    let log = SimulatedClient(
      id: id,
      layout: layout,
      network: network.endpoint(name),
      clock: world.clock,
      limits: configuration.clientLimits
    )
    return ClusterClient(log, nodes: self, random: random)
  }

  /// Holds an entry that was acknowledged in an epoch against every replica that is up (R14).
  func proveStands(_ payload: [UInt8], at position: Position, in epoch: Epoch) {
    guard let layout = newestLayout, !history.isGivenUp(position, in: epoch) else { return }
    for unit in RoundRobin().chain(of: position, in: layout).replicas {
      switch slot(position, on: unit) {
      case nil: continue
      case .data(let entry) where entry.payload == payload: continue
      case .trimmed where configuration.trims: continue
      case let other?:
        history.fail("R14: an append was acknowledged at \(position), and \(unit) has \(other)")
      }
    }
  }
}

/// Somebody who follows the log, and begins again where an error ended it.
struct ClusterFollower: Sendable {
  let world: World
  let log: SimulatedClient
  let history: ClusterHistory
  let isHonest: Bool

  /// Follows from a position until it is cancelled.
  ///
  /// - Parameters:
  ///   - begin: Where to begin.
  ///   - onItem: Hears how far it came.
  func run(from begin: Position, onItem: @Sendable (Position) -> Void = { _ in }) async {
    var next = begin
    while !Task.isCancelled {
      let number = history.begin(subscriptionFrom: next, from: log.layout.epoch)
      var items = log.entries(from: next).makeAsyncIterator()
      var asked = history.moment()
      do throws(LogError) {
        while let item = try await items.next() {
          history.delivered(item.entry, at: item.position, to: number)
          next = item.position.advanced(by: 1)
          onItem(item.position)
          asked = history.moment()
        }
      } catch {
        switch error {
        case .trimmed(let position, let mark):
          if mark <= position || position < next {
            history.fail("R21: trimmed at \(position), and told to go on at \(mark)")
          }
          next = mark
        case .lost(let position):
          history.sawLoss(at: position, since: asked, to: log.layout.epoch)
          // Whoever has no use for what is lost goes on behind it.
          next = max(next, position.advanced(by: 1))
        case .cut(let position):
          history.sawLoss(at: position, since: asked, to: log.layout.epoch, isFollower: true)
          next = position
        case .unavailable, .noQuorum: break
        case .beyondTail where !isHonest: break
        case .entryTooLarge, .outOfSpace, .corrupt, .unknown, .beyondTail, .inconsistent,
          .indefinite, .closed, .failed:
          if error != .outOfSpace { history.fail("a subscription answered: \(error)") }
        }
      }
      await world.sleep(for: .milliseconds(2))
    }
  }
}
