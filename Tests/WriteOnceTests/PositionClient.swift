import CorfuGlobalLog
import CorfuStripeMirror
import CorfuWriteOnce

/// A unit as a client of a scene sees it.
struct StageReplica: Replica {
  let stage: PositionStage
  let client: Int
  let unit: Int
  let layout: LayoutID

  var name: UnitName {
    UnitName(node: NodeID(UInt32(unit + 1)), incarnation: Incarnation(high: 1, low: 1))
  }

  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await ask("write \(values.map(\.value))") { (space) throws(EpochRefusal) in
      try space.write(values, as: self.layout)
    }
  }

  func read(_ positions: [Position]) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    try await ask("read") { (space) throws(EpochRefusal) in
      try space.read(positions, as: self.layout).map { .success($0) }
    }
  }

  func trim(_ positions: [Position]) async throws(ReplicaError) {
    try await ask("trim") { (space) throws(EpochRefusal) in
      try space.trim(positions, as: self.layout)
    }
  }

  func trimPrefix(before mark: Position) async throws(ReplicaError) {
    try await ask("prefix trim") { (space) throws(EpochRefusal) in
      try space.trimPrefix(before: mark, as: self.layout)
    }
  }

  private func ask<Answer: Sendable>(
    _ what: String,
    _ body: (inout AddressSpace<EpochGate>) throws(EpochRefusal) -> Answer
  ) async throws(ReplicaError) -> Answer {
    let fate = await stage.turn(of: client)
    if fate == .dies { throw .timedOut(name) }
    let answer: Answer
    do throws(EpochRefusal) {
      answer = try stage.apply(unit, by: client, "\(what) in \(layout)", body)
    } catch {
      throw fate == .repliesAreLost ? .timedOut(name) : .wrongEpoch(name, error)
    }
    if fate == .repliesAreLost { throw .timedOut(name) }
    return answer
  }
}

/// A client that died says nothing more.
private struct Dead: Error {}

/// A client of a scene: the procedures of chapter 5, cut down to one position.
struct PositionClient: Sendable {
  let number: Int
  let stage: PositionStage

  private var position: Position { PositionScene.position }

  private func chain(_ epoch: Int) -> [StageReplica] {
    (0..<stage.count).map { unit in
      StageReplica(
        stage: stage,
        client: number,
        unit: unit,
        layout: PositionScene.layouts[epoch - 1]
      )
    }
  }

  func play(_ role: PositionScene.Role) async {
    switch role {
    case .writer: await write()
    case .filler: await tell { try await self.fill() }
    case .trimmer:
      await tell {
        try await self.persist { chain in
          try await ChainTrimmer().trim([self.position], on: chain)
          return .trimmed
        }
      }
    case .reader:
      for _ in 0..<2 {
        await tell {
          try await self.persist { chain in
            let slots = try await ChainReader().read(
              [self.position],
              from: chain,
              completingBy: ChainWriter()
            )
            return try slots.first?.get()
          }
        }
      }
    }
  }

  /// Does something, and tells what came of it, if anything did.
  private func tell(_ body: () async throws -> Slot?) async {
    let began = stage.tick()
    do {
      if let slot = try await body() { stage.heard(slot, since: began, by: number) }
    } catch {
      if case ChainError.inconsistent = error { stage.fail("c\(number): \(error)") }
    }
  }

  private func fill() async throws -> Slot? {
    try await persist { chain in
      try await ChainFiller().fill(self.position, on: chain, by: ChainWriter())
    }
  }

  /// Tries in the first epoch, and in the second if the first is over.
  ///
  /// Returns `nil` if the position is none of the second epoch's (R17).
  private func persist(
    _ body: ([StageReplica]) async throws -> Slot?
  ) async throws -> Slot? {
    var epoch = 1
    while true {
      do {
        return try await body(chain(epoch))
      } catch ChainError.replica(.wrongEpoch(_, .sealed)) {
        await stage.nextEpoch()
        epoch = 2
        if position >= stage.firstTail ?? .zero { return nil }
      } catch ChainError.replica(.wrongEpoch(let unit, .behind)) {
        try await install(on: Int(unit.node.number) - 1)
      }
    }
  }

  /// Hands a unit the layout that it has missed (R25).
  private func install(on unit: Int) async throws {
    guard await stage.turn(of: number) != .dies else { throw Dead() }
    try stage.apply(unit, by: number, "install") { (space) throws(EpochRefusal) in
      try space.install(PositionScene.layouts[1])
    }
  }

  private func write() async {
    let value = PositionScene.entry(of: number)
    let began = stage.tick()
    let outcomes = await ChainWriter().write([PlacedValue(value, at: position)], to: chain(1))
    switch outcomes.first {
    case .complete: stage.heard(value, since: began, by: number)
    case .lost, .trimmed(afterHead: false), .failed(_, mayStand: false): stage.lost(value)
    case .inconsistent(let found, let unit): stage.fail("R15: \(found) at \(unit), not \(value)")
    case .trimmed(afterHead: true), .failed(_, mayStand: true), nil: await resolve(value, began)
    }
  }

  /// Finds out by filling (R16).
  private func resolve(_ value: Slot, _ began: Int) async {
    do {
      switch try await fill() {
      case value: stage.heard(value, since: began, by: number)
      case .trimmed: return
      case nil, .junk, .data, .empty: stage.lost(value)
      }
    } catch ChainError.inconsistent {
      stage.fail("c\(number) found two values")
    } catch {
      return  // Dead, or unlucky: nobody was told anything.
    }
  }

  /// Seals everybody, and then installs the next layout.
  func handOver() async {
    var tail = Position.zero
    for unit in 0..<stage.count {
      guard await stage.turn(of: number) == .arrives else { return }
      do throws(EpochRefusal) {
        let seal = try stage.apply(unit, by: number, "seal") { (space) throws(EpochRefusal) in
          space.seal(Epoch(1))
        }
        tail = max(tail, seal.tail)
      } catch {
        return stage.fail("a seal was refused: \(error)")
      }
    }
    stage.begin(at: tail)
    for unit in 0..<stage.count {
      guard await stage.turn(of: number) == .arrives else { return }
      do throws(EpochRefusal) {
        try stage.apply(unit, by: number, "install") { (space) throws(EpochRefusal) in
          try space.install(PositionScene.layouts[1])
        }
      } catch {
        return stage.fail("an install was refused: \(error)")
      }
    }
  }

  /// One more client, when all is quiet: everybody's word must hold.
  func lookAtTheEnd(trims: Bool) async {
    let began = stage.tick()
    do {
      if let slot = try await fill() { stage.heard(slot, since: began, by: number) }
      if case .trimmed? = try await fill(), !trims { stage.fail("trimmed, and nobody trims") }
    } catch {
      stage.fail("the end: \(error)")
    }
  }
}
