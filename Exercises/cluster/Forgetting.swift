import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuStages
import CorfuStripeMirror

/// Chapter 4: eight of nine entries are trimmed, the room is taken back, and a unit that was killed
/// gets what it missed.
func forget<Storage: Device, Parts: CopyParts>(
  _ options: Options,
  _: Parts.Type,
  _ makeDevice: @escaping @Sendable (String) -> Storage
) async throws {
  var random = SystemRandomNumberGenerator()
  let stage = try await Stage4<Storage, Parts>.open(
    in: makeDevice(""),
    // Small, so that some are full.
    limits: .small(segmentBytes: 4 << 10),
    upkeep: UpkeepSettings(clock: ContinuousClock()),
    using: &random,
    makeDevice: { makeDevice("/\($0)") }
  )
  let logs = (0..<options.clients).map { _ in stage.client(using: &random) }
  let client = stage.client(using: &random)
  try await work(
    logs,
    options,
    run: { _ in await stage.run { try? ThreadExecutor() } },
    close: {
      let tail = stage.mirrors.tail
      for start in stride(from: 0, to: tail.number, by: 9) {
        let end = min(start + 8, tail.number)
        try await client.trim(Position(start)..<Position(end))
      }
      for unit in stage.mirrors.units {
        let done = try await stage.compact(unit.name.node)
        print(
          "\(unit.name)  \(done.segments) segments retired, \(done.removedBytes) bytes of files "
            + "removed, \(done.copiedBytes) copied"
        )
      }
      try await stage.kill(NodeID(1))
      for number in 1...4 { _ = try await client.append(Array("missed \(number)".utf8)) }
      guard case .joined(let values, _) = try await stage.restart(NodeID(1), using: &random) else {
        return print("n1 is back, and missed nothing")
      }
      print("n1 was killed, and is back: \(values) positions copied or compared")
      try await stage.kill(NodeID(2))
      let slots = try await client.read(Position.zero..<stage.mirrors.tail)
      let trimmed = slots.count { $0 == .trimmed }
      print(
        "the log ends at \(tail); then 4 more, \(trimmed) trimmed, "
          + "and without n2 \(slots.count { $0.isTaken } - trimmed) are there"
      )
      try await stage.close()
    }
  )
}
