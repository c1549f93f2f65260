import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import Synchronization

/// A few clients on one position of a chain, and somebody who decides whose request is next.
struct ChainScene: Sendable, CustomStringConvertible {
  /// What a client does.
  enum Role: Sendable {
    /// Writes an entry of its own.
    case writer
    /// Reads, and then reads again unless clients die.
    case reader
    /// Writes junk, and finishes what is there instead.
    case filler
    /// Trims.
    case trimmer
  }

  /// The position that all of them are about.
  static let position = Position(6)

  /// How long the chain is.
  var replicas: Int
  /// What the clients do.
  var roles: [Role]
  /// On how many replicas stands the entry of a writer that died before the scene.
  var orphaned = 0
  /// On how many replicas somebody trimmed the position, and then died.
  var halfTrimmed = 0
  /// Whether each client may die before any of its requests.
  var clientsDie = false
  /// Whether, once in the scene, a replica may die or an answer may get lost.
  var replicasFail = false

  /// The entry that a client writes; client 0 is the rival who died before.
  static func entry(of client: Int) -> Slot {
    let mark = EntryMark(client: ClientID(high: 0, low: UInt64(client)), sequence: 1)
    return .data(Entry(mark: mark, payload: Array("entry of c\(client)".utf8)))
  }

  var description: String {
    "\(replicas) replicas, \(roles), orphan on \(orphaned), trimmed on \(halfTrimmed)"
  }

  /// Plays the scene.
  ///
  /// - Parameters:
  ///   - writer: The writer under test.
  ///   - reader: The reader under test.
  ///   - choices: Decides whose turn it is, and how it ends.
  /// - Returns: What came of it.
  /// - Throws: A scene that comes to no end.
  func play<Writer: ChainWriting, Reader: ChainReading>(
    _ writer: Writer.Type,
    _ reader: Reader.Type,
    _ choices: inout Choices
  ) throws(CheckFailure) -> ChainRecord {
    let world = World(seed: 1, eventsMax: 400)
    let chain = SceneChain(of: replicas, in: world)
    prepare(chain)
    let box = Notebook(choices)
    let book = Notebook(ChainRecord(scene: self))
    do {
      try world.run(stepsMax: 20_000) {
        await withTaskGroup(of: Void.self) { group in
          for (index, role) in roles.enumerated() {
            let client = SceneClient<Writer, Reader>(
              number: index + 1,
              chain: chain,
              book: book,
              readsTwice: !clientsDie
            )
            group.addTask { await client.play(role) }
          }
          await direct(chain, box)
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    choices = box.content
    var record = book.content
    record.slots = chain.slots.map { $0[Self.position] ?? .empty }
    record.stood = chain.stood
    record.disorder = chain.violation
    record.survivors = try look(at: chain, in: world)
    record.trace = CheckTrace(world)
    return record
  }

  private func prepare(_ chain: SceneChain) {
    for replica in 0..<orphaned {
      chain.place(Self.entry(of: 0), at: Self.position, on: replica)
    }
    for replica in 0..<halfTrimmed { chain.place(.trimmed, at: Self.position, on: replica) }
    if orphaned > 0 {
      let units = told(first: orphaned, of: chain)
      chain.world.note("before: the rival's entry stands on \(units), and the rival is dead")
    }
    if halfTrimmed > 0 {
      let units = told(first: halfTrimmed, of: chain)
      chain.world.note("before: somebody trimmed \(units), and is dead")
    }
  }

  /// `n1`, or `n1…n3`.
  private func told(first count: Int, of chain: SceneChain) -> String {
    let first = chain.names[0].description
    return count == 1 ? first : "\(first)…\(chain.names[count - 1])"
  }

  /// Gives turns until nobody waits for one.
  private func direct(_ chain: SceneChain, _ choices: Notebook<Choices>) async {
    var mayFail = replicasFail
    while true {
      // When time passes, everybody has thought as far as they could.
      await chain.world.sleep(for: .nanoseconds(1))
      let waiting = chain.waiting
      if waiting.isEmpty { return }
      var options: [@Sendable () -> Void] = []
      for client in waiting { options.append { chain.give(.done, to: client) } }
      if clientsDie {
        for client in waiting { options.append { chain.give(.clientDies, to: client) } }
      }
      let wellCount = options.count
      if mayFail {
        for client in waiting { options.append { chain.give(.answerLost, to: client) } }
        if chain.names.count > 1 {
          for replica in chain.names.indices { options.append { chain.kill(replica) } }
        }
      }
      let count = options.count
      let choice = choices.write { $0.pick(of: count) }
      if choice >= wellCount { mayFail = false }
      options[choice]()
    }
  }

  /// What readers find afterwards, for each set of replicas that may be left: first one reader, and
  /// then another.
  private func look(
    at chain: SceneChain,
    in world: World
  ) throws(CheckFailure) -> [ChainRecord.Survivors] {
    let alive = chain.names.indices.filter { chain.isAlive($0) }
    let sets = (1..<(1 << alive.count)).map { bits in
      alive.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
    }
    do {
      return try world.run {
        var found: [ChainRecord.Survivors] = []
        for set in sets {
          let replicas = chain.survivors(set)
          let slots = try await ChainReader().read(
            [Self.position],
            from: replicas,
            completingBy: ChainWriter()
          )
          found.append(
            ChainRecord.Survivors(
              names: set.map { chain.names[$0] },
              slot: try slots.first?.get() ?? .empty
            )
          )
        }
        return found
      }
    } catch {
      throw CheckFailure(
        "two replicas of the chain have different entries at \(Self.position)",
        events: CheckTrace(world).events
      )
    }
  }
}

/// One client of a scene.
private struct SceneClient<Writer: ChainWriting, Reader: ChainReading>: Sendable {
  let number: Int
  let chain: SceneChain
  let book: Notebook<ChainRecord>
  let readsTwice: Bool

  private var replicas: [SceneReplica] { chain.replicas(for: number) }
  private var position: Position { ChainScene.position }

  func play(_ role: ChainScene.Role) async {
    switch role {
    case .writer: await write(ChainScene.entry(of: number))
    case .filler: await fill()
    case .trimmer: await trim()
    case .reader:
      await read()
      if readsTwice { await read() }
    }
  }

  private func write(_ value: Slot) async {
    let began = chain.tick()
    let outcomes = await Writer().write([PlacedValue(value, at: position)], to: replicas)
    if chain.hasCrashed(number) { return }
    guard let outcome = outcomes.first, outcomes.count == 1 else {
      return note(
        .violation("c\(number) wrote one value and got \(outcomes.count) outcomes"),
        began
      )
    }
    chain.world.note("c\(number) is told: \(outcome.told)")
    note(.wrote(value, outcome, asked: chain.requests(of: number)), began)
    if outcome == .trimmed(afterHead: true) {
      do {
        try await ChainTrimmer().trim([position], on: replicas)
      } catch {
        return
      }
      if !chain.hasCrashed(number) { note(.acknowledged(value), began) }
    }
    if outcome == .complete { note(.acknowledged(value), began) }
  }

  private func fill() async {
    let began = chain.tick()
    var value = Slot.junk
    for _ in 0..<2 {
      let outcomes = await Writer().write([PlacedValue(value, at: position)], to: replicas)
      if chain.hasCrashed(number) { return }
      guard let outcome = outcomes.first else { return }
      chain.world.note("c\(number) is told: \(outcome.told)")
      note(.wrote(value, outcome, asked: 0), began)
      switch outcome {
      case .complete: return note(.saw(value), began)
      case .lost(let found): value = found
      case .trimmed, .inconsistent, .failed: return
      }
    }
  }

  private func trim() async {
    let began = chain.tick()
    note(.beganTrim, began)
    do {
      try await ChainTrimmer().trim([position], on: replicas)
      if !chain.hasCrashed(number) { note(.saw(.trimmed), began) }
    } catch {
      return
    }
  }

  private func read() async {
    let began = chain.tick()
    let before = chain.requests(of: number)
    let result: Result<[Result<Slot, LogError>], ChainError>
    do {
      result = .success(
        try await Reader().read([position], from: replicas, completingBy: Writer())
      )
    } catch {
      result = .failure(error)
    }
    if chain.hasCrashed(number) { return }
    switch result {
    case .success(let slots):
      guard case .success(let slot)? = slots.first, slots.count == 1 else {
        return note(.violation("c\(number) read one position and got \(slots)"), began)
      }
      chain.world.note("c\(number) reads: \(slot.owner)")
      note(.read(slot, asked: chain.requests(of: number) - before), began)
      note(.saw(slot), began)
    case .failure(let error):
      chain.world.note("c\(number) is told: \(error)")
      note(.readFailed(error), began)
    }
  }

  private func note(_ what: ChainRecord.What, _ began: Int) {
    let ended = chain.tick()
    book.write { $0.moments.append(.init(client: number, what: what, began: began, ended: ended)) }
  }
}

extension ChainOutcome {
  /// For stories.
  var told: String {
    switch self {
    case .complete: "complete"
    case .lost(let slot): "lost to \(slot.owner)"
    case .trimmed(let afterHead): "trimmed, \(afterHead ? "after" : "before") the head had it"
    case .inconsistent(let found, let unit): "inconsistent, \(unit) has \(found.owner)"
    case .failed(let error, let mayStand):
      "failed, it \(mayStand ? "may stand" : "stands nowhere"): \(error)"
    }
  }
}
