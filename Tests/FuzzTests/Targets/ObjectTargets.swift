import CorfuGlobalLog
@testable import CorfuTransactions

// What entries say about objects, and the keys of what they hold.

extension FuzzTargets {
  static let objects: [FuzzTarget] = [
    FuzzTarget(
      "object entry",
      files: ["Transactions/ObjectEntryCoding.swift"],
      samples: objectEntries.map { $0.encoded() },
      seal: { bytes in
        // Updates have the sum of their record.
        if bytes.count > 3, bytes[3] != 1 { sealEnd(&bytes) }
      },
      check: { bytes in
        do throws(ObjectEntryError) {
          return .spelledOnce(try ObjectEntry(decoding: bytes).encoded(), as: bytes)
        } catch {
          return .refused
        }
      }
    ),
    FuzzTarget(
      "pieces of a checkpoint",
      files: ["Transactions/CheckpointPieces.swift"],
      samples: [[40, 3, 1, 2, 3, 0, 4, 0, 0] + [UInt8](repeating: 9, count: 200)],
      check: { checkPieces($0) }
    ),
    FuzzTarget(
      "key",
      files: ["Transactions/LogKeyCoding.swift"],
      samples: keys.map(\.canonicalBytes),
      check: { bytes in
        do throws(LogKeyError) {
          return .spelledOnce(try LogKey(canonicalBytes: bytes).canonicalBytes, as: bytes)
        } catch {
          return .refused
        }
      }
    ),
  ]

  static let keys: [LogKey] = [
    0, -1, 65_536, "a\0b", "größer", .bytes([0, 255, 0]), ["invoice", 2026, ["a", [], ""]],
  ]

  private static let objectEntries: [ObjectEntry] = {
    let name = CheckpointName(stream: StreamID(7), version: Position(900), number: 3)
    let pieces = CheckpointPieces([[1, 2, 3], [], [0xff]])
    var sum = CheckpointSum()
    sum.update(pieces)
    let updates = [
      ObjectUpdate(stream: StreamID(1), bytes: [0x82, 0, 1]),
      ObjectUpdate(stream: StreamID(.max), bytes: []),
      ObjectUpdate(stream: StreamID(1), bytes: ArraySlice(repeating: 9, count: 300)),
    ]
    return [
      .updates([]), .updates(updates), .checkpoint(name, .begin),
      .checkpoint(name, .pieces(index: 0, pieces)),
      .checkpoint(name, .pieces(index: 1000, CheckpointPieces([[], [4]], goesOn: true))),
      .checkpoint(name, .end(count: 2, sum: sum)),
    ]
  }()

  /// Packs pieces, whatever they are and however small entries must be, and puts them together
  /// again.
  private static func checkPieces(_ bytes: [UInt8]) -> FuzzVerdict {
    guard bytes.count >= 2 else { return .refused }
    var limits = RuntimeLimits()
    limits.payloadBytesMax = CheckpointPacker.headBytesMax + Int(bytes[0])
    limits.pieceBytes = 1 + Int(bytes[1])
    let pieces = bytes.dropFirst(2).split(separator: 0, omittingEmptySubsequences: false)
    var packer = CheckpointPacker(limits)
    var entries: [CheckpointPieces] = []
    for piece in pieces { entries += packer.take(Array(piece)) }
    if let rest = packer.finish() { entries.append(rest) }
    var unpacker = CheckpointUnpacker()
    let again = entries.flatMap { unpacker.take($0) }
    if unpacker.isAmidst { return .broken("a piece has no end") }
    return .comesBack(pieces.map { Array($0) }, as: again.map { Array($0) })
  }
}
