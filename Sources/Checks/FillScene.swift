import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce

/// A filler, the owner of the position, and perhaps others, on one chain; and somebody who decides
/// whose request is next.
struct FillScene: Sendable, CustomStringConvertible {
  /// Who takes part.
  enum Role: String, Sendable {
    case owner, filler, trimmer
  }

  /// How long the chain is.
  var replicas = 2
  /// Who takes part, in order: client 1 is the first.
  var roles = [Role.filler]
  /// On how many replicas stands the entry of a client that died.
  var orphaned = 0
  /// On how many replicas somebody trimmed the position, and then died.
  var halfTrimmed = 0
  /// Whether a replica may die, or an answer get lost, once.
  var replicasFail = false
  /// Whether the filler meets a head that names another value each time.
  var headIsFickle = false
  /// Whether a later replica may have the position first, as long as nobody is told two things.
  var mayBeginAnywhere = false

  private static let position = ChainScene.position

  var description: String {
    "\(replicas) replicas, \(roles), orphan on \(orphaned), trimmed on \(halfTrimmed)"
  }

  /// What a client was told.
  private struct Told: Sendable {
    let client: Int
    let slot: Slot
    /// Whether it was the filler's answer.
    let isFill: Bool
  }

  private struct Book: Sendable {
    var told: [Told] = []
    var finding: String?
  }

  /// Plays the scene.
  ///
  /// - Parameters:
  ///   - filler: The filler under test.
  ///   - choices: Decides whose turn it is, and how it ends.
  /// - Returns: What happened.
  /// - Throws: What is wrong with it.
  func play<Filler: ChainFilling>(
    _ filler: Filler.Type,
    _ choices: inout Choices
  ) throws(CheckFailure) -> CheckTrace {
    let box = Notebook(choices)
    defer { choices = box.content }
    return try play(filler) { _, options in box.write { $0.pick(of: options) } }
  }

  /// Plays the scene with the turns that a script gives; afterwards everybody goes on in order.
  func play<Filler: ChainFilling>(
    _ filler: Filler.Type,
    turns: [Role]
  ) throws(CheckFailure) -> CheckTrace {
    let left = Notebook(turns[...])
    return try play(filler) { waiting, _ in
      guard let role = left.write({ $0.popFirst() }) else { return 0 }
      return waiting.firstIndex { roles[$0 - 1] == role } ?? 0
    }
  }

  private func play<Filler: ChainFilling>(
    _ filler: Filler.Type,
    choosing choose: @escaping @Sendable (_ waiting: [Int], _ options: Int) -> Int
  ) throws(CheckFailure) -> CheckTrace {
    let world = World(seed: 1, eventsMax: 400)
    let chain = SceneChain(of: replicas, in: world)
    prepare(chain)
    let book = Notebook(Book())
    do {
      try world.run(stepsMax: 20_000) {
        await withTaskGroup(of: Void.self) { group in
          for (index, role) in roles.enumerated() {
            group.addTask { await act(role, as: index + 1, on: chain, filler, book) }
          }
          await direct(chain, choose)
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    let trace = CheckTrace(world)
    try judge(book.content, chain, trace.events)
    return trace
  }

  private func prepare(_ chain: SceneChain) {
    for replica in 0..<orphaned {
      chain.place(ChainScene.entry(of: 0), at: Self.position, on: replica)
    }
    for replica in 0..<halfTrimmed { chain.place(.trimmed, at: Self.position, on: replica) }
    if orphaned > 0 {
      chain.world.note("before: a dead client's entry stands on \(names(orphaned, chain))")
    }
    if halfTrimmed > 0 {
      chain.world.note("before: somebody trimmed \(names(halfTrimmed, chain)), and died")
    }
  }

  private func names(_ count: Int, _ chain: SceneChain) -> String {
    chain.names.prefix(count).map(\.description).joined(separator: " and ")
  }

  // MARK: - Playing

  private func act<Filler: ChainFilling>(
    _ role: Role,
    as client: Int,
    on chain: SceneChain,
    _ filler: Filler.Type,
    _ book: Notebook<Book>
  ) async {
    let replicas = chain.replicas(for: client)
    switch role {
    case .owner:
      let value = ChainScene.entry(of: client)
      let outcome = await ChainWriter().write([PlacedValue(value, at: Self.position)], to: replicas)
        .first
      guard let outcome else { return }
      chain.world.note("c\(client), the owner, is told: \(outcome.told)")
      switch outcome {
      case .complete: tell(Told(client: client, slot: value, isFill: false), book)
      case .inconsistent(let found, let unit):
        accuse("c\(client), the owner, finds \(found.owner) on \(unit), behind its own entry", book)
      case .lost, .trimmed, .failed: break
      }
    case .trimmer:
      // A trim that does not get through is tried again by whoever asked for it.
      try? await ChainTrimmer().trim([Self.position], on: replicas)
    case .filler where headIsFickle: await fillWhereHeadIsFickle(as: client, chain, filler, book)
    case .filler:
      do {
        let slot = try await Filler().fill(Self.position, on: replicas, by: ChainWriter())
        chain.world.note("c\(client), the filler, says: \(slot.owner)")
        tell(Told(client: client, slot: slot, isFill: true), book)
      } catch {
        chain.world.note("c\(client), the filler, gives up: \(error)")
        if case .inconsistent = error {
          accuse("c\(client), the filler, found two values", book)
        } else if !replicasFail {
          accuse("c\(client), the filler, gave up though every replica answered: \(error)", book)
        }
      }
    }
  }

  private func fillWhereHeadIsFickle<Filler: ChainFilling>(
    as client: Int,
    _ chain: SceneChain,
    _: Filler.Type,
    _ book: Notebook<Book>
  ) async {
    let head = FickleHead()
    let end: String
    do {
      let slot = try await Filler()
        .fill(Self.position, on: chain.replicas(for: client), by: head)
      end = "says: \(slot.owner)"
      accuse("the head has named two values, and c\(client), the filler, takes one of them", book)
    } catch {
      end = "gives up: \(error)"
      switch error {
      case .inconsistent: break
      case .replica:
        accuse("the head has named two values, and c\(client), the filler, does not say so", book)
      }
    }
    for event in head.events.content { chain.world.note("c\(client) \(event)") }
    chain.world.note("c\(client), the filler, \(end)")
  }

  private func tell(_ told: Told, _ book: Notebook<Book>) { book.write { $0.told.append(told) } }

  private func accuse(_ finding: String, _ book: Notebook<Book>) {
    book.write { $0.finding = $0.finding ?? finding }
  }

  /// Gives turns until nobody waits for one.
  private func direct(
    _ chain: SceneChain,
    _ choose: @Sendable (_ waiting: [Int], _ options: Int) -> Int
  ) async {
    var mayFail = replicasFail
    while true {
      await chain.world.sleep(for: .nanoseconds(1))
      let waiting = chain.waiting
      if waiting.isEmpty { return }
      let failures = mayFail ? waiting.count + (replicas > 1 ? replicas : 0) : 0
      let choice = choose(waiting, waiting.count + failures)
      switch choice {
      case ..<waiting.count: chain.give(.done, to: waiting[choice])
      case ..<(2 * waiting.count):
        mayFail = false
        chain.give(.answerLost, to: waiting[choice - waiting.count])
      default:
        mayFail = false
        chain.kill(choice - 2 * waiting.count)
      }
    }
  }

  // MARK: - Judging

  private func judge(
    _ book: Book,
    _ chain: SceneChain,
    _ events: [String]
  ) throws(CheckFailure) {
    func failure(_ finding: String) -> CheckFailure { CheckFailure(finding, events: events) }
    if let finding = book.finding { throw failure(finding) }
    if !mayBeginAnywhere, let violation = chain.violation { throw failure(violation) }
    let slots = chain.slots.map { $0[Self.position] ?? .empty }
    let mayBeTrimmed = roles.contains(.trimmer) || halfTrimmed > 0
    for told in book.told {
      let who = told.isFill ? "c\(told.client), the filler, said" : "c\(told.client) was told"
      if told.slot == .empty { throw failure("\(who) that \(Self.position) is still empty") }
      for (replica, slot) in slots.enumerated() where chain.isAlive(replica) {
        if slot == told.slot || slot == .trimmed && mayBeTrimmed { continue }
        throw failure(
          "\(who) \(told.slot.owner), and on \(chain.names[replica]) stands \(slot.owner)"
        )
      }
    }
  }
}

/// A writer of whose chain the head names another value each time, until it has done so twice.
private struct FickleHead: ChainWriting {
  /// What it was asked to write, and what came of it.
  let events = Notebook<[String]>([])

  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    values.map { placed in
      events.write { events in
        let winner = ChainScene.entry(of: 8 + events.count)
        let outcome = events.count < 2 ? ChainOutcome.lost(winner) : .complete
        events.append("writes \(placed.value.owner) down the chain  <- \(outcome.told)")
        return outcome
      }
    }
  }
}
