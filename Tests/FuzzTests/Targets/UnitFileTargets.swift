import CorfuGlobalLog
@testable import CorfuNode
import CorfuPaxosConfigurator
import CorfuStripeMirror
@testable import CorfuWriteOnce

// Files of slots in a unit's folder, and what stands in them.

extension FuzzTargets {
  private typealias Gate = EpochFile<MemoryDevice>
  private typealias Votes = AcceptorFile<MemoryDevice, Acceptor<Layout>>
  private typealias Openings = OpeningFile<MemoryDevice>

  static let unitFiles: [FuzzTarget] = [
    FuzzTarget(
      "file of slots",
      files: ["WriteOnce/SlotFormat.swift"],
      samples: [slots.file([part(1, [1, 2, 3])], room: SlotFormat.blockBytes)],
      isSlow: true,
      seal: { sealSlots(&$0) },
      check: { checkSlots($0) }
    ),
    FuzzTarget(
      "gate",
      files: ["WriteOnce/EpochFile.swift"],
      samples: [
        Gate.encoded(Gate.Contents(), beside: nil),
        Gate.encoded(
          Gate.Contents(sealed: Epoch(3), installed: LayoutID(epoch: Epoch(9), hash: 8)),
          beside: plainLayout,
          before: LayoutID(epoch: Epoch(2), hash: 7)
        ),
      ],
      check: { bytes in
        guard let gate = Gate.decoded(bytes) else { return .refused }
        return .comesBack(gate, as: Gate.decoded(Gate.encoded(gate, beside: nil)))
      }
    ),
    FuzzTarget(
      "votes",
      files: ["Node/AcceptorFile.swift"],
      samples: [Votes.encoded([:]), Votes.encoded(registers)],
      check: { bytes in
        guard let registers = Votes.decoded(bytes) else { return .refused }
        return .comesBack(registers, as: Votes.decoded(Votes.encoded(registers)))
      }
    ),
    FuzzTarget(
      "opening of a disk",
      files: ["Node/OpeningFile.swift"],
      samples: [Openings.encoded(openings)[0]],
      check: { bytes in
        guard let contents = Openings.decodedOwn(bytes) else { return .refused }
        return .comesBack(contents, as: Openings.decodedOwn(Openings.encoded(contents)[0]))
      }
    ),
    FuzzTarget(
      "openings of others",
      files: ["Node/OpeningFile.swift"],
      samples: [Openings.encoded(openings)[1]],
      check: { bytes in
        guard let known = Openings.decodedKnown(bytes) else { return .refused }
        let contents = Openings.Contents(opening: opening, known: known)
        return .comesBack(known, as: Openings.decodedKnown(Openings.encoded(contents)[1]))
      }
    ),
  ]

  // MARK: - Samples

  private static let slots = SlotFormat(name: "slots", magic: 0x5354_4f4c_5346_5a5a, parts: 1)

  private static func part(_ turn: UInt64, _ contents: [UInt8]) -> SlotFormat.Part {
    SlotFormat.Part(turn: turn, contents: contents)
  }

  private static var registers: [LayoutID: Acceptor<Layout>] {
    let ballot = Ballot(round: 3, proposer: ProposerID(high: 1, low: 2))
    return [
      LayoutID(epoch: Epoch(8), hash: 1): Acceptor(promised: ballot, accepted: nil),
      LayoutID(epoch: Epoch(9), hash: 2): Acceptor(
        promised: ballot,
        accepted: Vote(ballot: ballot, value: fullLayout)
      ),
    ]
  }

  private static var openings: Openings.Contents {
    Openings.Contents(opening: opening, hasServed: true, known: [units[1]: opening])
  }

  // MARK: - Slots

  /// Puts right the sums of the claims and of all slots, as large as they say that they are.
  private static func sealSlots(_ bytes: inout [UInt8]) {
    let block = SlotFormat.blockBytes
    seal(&bytes, 0..<24, at: 24)
    let room = (bytes.count - block) / 4
    for place in stride(from: block, to: bytes.count - 35, by: max(room, block)) {
      // Most slots of a fresh file were never written.
      if bytes.span.bytes.number(at: place, as: UInt64.self) == 0 { continue }
      let length = Int(bytes.span.bytes.number(at: place + 28, as: UInt32.self))
      seal(&bytes, place..<place + 32 + length, at: place + 32 + length)
    }
  }

  private static func checkSlots(_ bytes: [UInt8]) -> FuzzVerdict {
    guard case .parts(let parts, let room) = slots.read(bytes),
      parts.contains(where: { $0.contents != nil })
    else { return .refused }
    guard case .parts(let again, _) = slots.read(slots.file(parts, room: room)) else {
      return .broken("what was taken and written again is of another version")
    }
    // Which copy is worse is forgotten: both are good now.
    let found = parts.map { SlotFormat.Part(turn: $0.turn, contents: $0.contents) }
    return .comesBack(found, as: again)
  }
}
