// Goal: a storage unit is an address space with a disk (R1, R3, R4, R7). Method: the same random
// requests to both, with restarts of the unit in between, and every answer compared.
import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

typealias MemoryUnit = StorageUnit<MemoryDevice, EpochGate>

/// An answer of either, to be compared.
private enum Answer: Equatable {
  case written([WriteAnswer])
  case slots([Slot])
  case done
  case sealed(UnitSeal)
  case refused(EpochRefusal)
}

/// A request to either.
private enum Ask {
  case write([PlacedValue], LayoutID)
  case read([Position], LayoutID)
  case trim([Position], LayoutID)
  case trimPrefix(Position, LayoutID)
  case seal(Epoch)
  case install(LayoutID)

  init(using random: inout SeededGenerator, number: UInt64) {
    let layout = LayoutID(
      epoch: Epoch(UInt64(random.number(in: 1...3))),
      hash: UInt64(random.chance(0.9) ? 1 : 2)
    )
    let first = random.number(below: 30)
    let positions = (0..<random.number(in: 1...3)).map { Position(UInt64(first + $0 * 2)) }
    switch random.number(below: 20) {
    case 0..<8:
      self = .write(
        positions.map { position in
          let mark = EntryMark(client: ClientID(high: 1, low: number), sequence: position.number)
          let entry = Entry(mark: mark, payload: [UInt8(truncatingIfNeeded: number)])
          return PlacedValue(random.chance(0.7) ? .data(entry) : .junk, at: position)
        },
        layout
      )
    case 8..<13: self = .read(positions, layout)
    case 13..<15: self = .trim(positions, layout)
    case 15: self = .trimPrefix(Position(UInt64(random.number(below: 20))), layout)
    case 16 where random.chance(0.2): self = .seal(layout.epoch)
    default: self = .install(layout)
    }
  }

  func answer(of space: inout AddressSpace<EpochGate>) -> Answer {
    do throws(EpochRefusal) {
      switch self {
      case .write(let values, let layout): return .written(try space.write(values, as: layout))
      case .read(let positions, let layout): return .slots(try space.read(positions, as: layout))
      case .trim(let positions, let layout): try space.trim(positions, as: layout)
      case .trimPrefix(let mark, let layout): try space.trimPrefix(before: mark, as: layout)
      case .seal(let epoch): return .sealed(space.seal(epoch))
      case .install(let layout): try space.install(layout)
      }
      return .done
    } catch {
      return .refused(error)
    }
  }

  func answer(of unit: MemoryUnit) async throws -> Answer {
    do throws(UnitRefusal) {
      switch self {
      case .write(let values, let layout):
        return .written(try await unit.write(values, as: layout))
      case .read(let positions, let layout):
        let slots = try await unit.read(positions, as: layout)
        return .slots(slots.map { (try? $0.get()) ?? .empty })  // A damaged one would differ.
      case .trim(let positions, let layout): try await unit.trim(positions, as: layout)
      case .trimPrefix(let mark, let layout): try await unit.trimPrefix(before: mark, as: layout)
      case .seal(let epoch): return .sealed(try await unit.seal(epoch))
      case .install(let layout): _ = try await unit.install(layout)
      }
      return .done
    } catch {
      guard case .epoch(let refusal) = error else { throw error }
      return .refused(refusal)
    }
  }
}

struct AddressSpaceTests {
  @Test("R1, R3, R4, R7: a unit answers as its model does", arguments: 1...8 as ClosedRange<UInt64>)
  func sameAnswers(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let device = MemoryDevice()
    var space = AddressSpace<EpochGate>()
    var served = 0
    for _ in 0..<4 {
      let unit = try await MemoryUnit.open(
        device,
        limits: .small(segmentBytes: 16 << 10),
        using: &random
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await unit.run() }
        for number in 0..<150 {
          let ask = Ask(using: &random, number: UInt64(number))
          let expected = ask.answer(of: &space)
          #expect(try await ask.answer(of: unit) == expected, "\(ask)")
          if case .refused = expected { continue }
          served += 1
        }
        #expect(unit.tail == space.tail)
        #expect(unit.sealed == space.gate.sealed)
        #expect(unit.installed == space.gate.installed)
        if random.chance(0.5) { try await unit.close() } else { unit.stop() }
      }
      device.unlock()
    }
    #expect(served > 100)
  }
}
