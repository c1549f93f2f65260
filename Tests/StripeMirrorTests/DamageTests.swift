// Goal: what one replica has lost is read from its peers and brought back to it, and absence is
// never made up (D6, D7, R18, R20). Method: every way in which each of one to three replicas may
// answer, held against a rule that is written down here once more.
import CorfuGlobalLog
import CorfuStripeMirror
import Testing

@testable import CorfuChecks

private let position = Position(6)
private let entry = ChainScene.entry(of: 1)

/// What a replica has at the position.
private enum Holding: CaseIterable {
  case value, empty, trimmed, corrupt, unknown

  var isDamaged: Bool { self == .corrupt || self == .unknown }

  /// Whether a later replica may have the other while this one is before it.
  func mayPrecede(_ later: Holding) -> Bool {
    if isDamaged || later.isDamaged { return true }
    return self == later || self == .trimmed || later == .empty
  }

  func replica(_ number: UInt32) -> StillReplica {
    let name = UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: 0))
    return switch self {
    case .value: StillReplica(name: name, slots: [position: entry])
    case .trimmed: StillReplica(name: name, slots: [position: .trimmed])
    case .empty: StillReplica(name: name, slots: [:])
    case .corrupt:
      StillReplica(name: name, slots: [:], damage: [position: .corrupt(position)])
    case .unknown:
      StillReplica(name: name, slots: [:], damage: [position: .unknown(position)])
    }
  }
}

/// Every chain of some length that writers, trimmers and damage can bring about.
private func chains(of count: Int) -> [[Holding]] {
  var chains: [[Holding]] = [[]]
  for _ in 0..<count {
    chains = chains.flatMap { chain in Holding.allCases.map { chain + [$0] } }
  }
  return chains.filter { chain in
    chain.indices.allSatisfy { one in
      chain.indices.allSatisfy { $0 <= one || chain[one].mayPrecede(chain[$0]) }
    }
  }
}

@Test(arguments: 1...3)
func damageIsReadAround(count: Int) async throws {
  let all = chains(of: count)
  #expect(all.count > count)
  for holdings in all {
    let chain = holdings.enumerated().map { $1.replica(UInt32($0 + 1)) }
    let slots = try await ChainReader().readAround(
      [position],
      on: chain,
      completingBy: ChainWriter()
    )
    let sound = holdings.filter { !$0.isDamaged }
    let slot: Slot? = if case .success(let slot) = slots[0] { slot } else { nil }
    if holdings.last == .value {
      #expect(slot == entry, "\(holdings)")
    } else if sound.isEmpty || sound.first == .empty && sound.count < holdings.count {
      // The tail's own "empty" is believed only if the head, which decides, says the same.
      #expect(slot == nil || holdings.last == .empty && holdings.first == .empty, "\(holdings)")
    } else {
      let expected: Slot =
        switch sound.first {
        case .value: entry
        case .trimmed: .trimmed
        default: .empty
        }
      #expect(slot == expected, "\(holdings)")
    }
    // What was told is now on every replica that can hold it.
    for (holding, replica) in zip(holdings, chain) {
      guard let slot, slot.isTaken, !holding.isDamaged, holding != .trimmed else { continue }
      #expect(replica.content[position] == slot, "\(holdings)")
    }
    // Whoever told of damage has it back, and nothing that it was not told.
    if let slot, slot == entry, holdings.last?.isDamaged == true {
      #expect(chain.allSatisfy { $0.content[position] == slot }, "\(holdings)")
    }
    for (holding, replica) in zip(holdings, chain) where holding.isDamaged {
      guard let content = replica.content[position] else { continue }
      #expect(content == slot, "\(holdings)")
    }
    // And another reader hears the same.
    let again = try await ChainReader().readAround(
      [position],
      on: chain,
      completingBy: ChainWriter()
    )
    #expect(again == slots, "\(holdings)")
  }
}

@Test func wholePositionsAreReadBesideDamagedOnes() async throws {
  let names = (1...2).map {
    UnitName(node: NodeID($0), incarnation: Incarnation(high: 0, low: 0))
  }
  let slots = Dictionary(uniqueKeysWithValues: (0..<4).map { (Position($0), entry) })
  let head = StillReplica(
    name: names[0],
    slots: slots,
    damage: [Position(3): .unknown(Position(3))]
  )
  let damage: [Position: LogError] = [
    Position(1): .corrupt(Position(1)), Position(3): .corrupt(Position(3)),
  ]
  let tail = StillReplica(name: names[1], slots: slots, damage: damage)
  let found = try await ChainReader().readAround(
    (0..<4).map { Position($0) },
    on: [head, tail],
    completingBy: ChainWriter()
  )
  #expect(
    found == [.success(entry), .success(entry), .success(entry), .failure(.corrupt(Position(3)))]
  )
}
