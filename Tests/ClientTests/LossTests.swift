import Corfu
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

// Goal: what an operator has given up is told to be lost, and is never passed off as empty or as
// junk (R24). Method: both units of one chain of two are given up, and the log is read afterwards
// in every way.

@Test("R24: what was given up is told to be lost, until it is trimmed")
func whatWasGivenUpIsToldToBeLost() throws {
  try HealingScene.run(seed: 9) { scene in
    let writer = try scene.client("writer")
    for number in 0..<6 as Range<UInt8> { _ = try await writer.append([number]) }
    try await scene.settle()
    let layout = try #require(scene.healing.cluster.layout)
    let units = layout.spans[0].stripes[1].replicas.map(\.node)
    for id in units { try await scene.healing.kill(id) }
    await scene.world.sleep(for: .seconds(3))
    #expect(scene.healing.cluster.layout?.losses == [])
    _ = try await scene.healing.declareLost(Set(units))
    // Holes are filled meanwhile, and copied.
    try await scene.settle()
    for client in [writer, try scene.client("reader")] {
      for position in (0..<6).map({ Position($0) }) {
        if position.number % 2 == 1 {
          await #expect(throws: LogError.lost(position)) { try await client.read(position) }
        } else {
          #expect(try await client.read(position).isTaken)
        }
      }
      await #expect(throws: LogError.lost(Position(3))) {
        try await client.read(Position(2)..<Position(6))
      }
      var entries = client.entries(from: .zero).makeAsyncIterator()
      #expect(try await entries.next()?.position == .zero)
      await #expect(throws: LogError.lost(Position(1))) { try await entries.next() }
    }
    // Every later layout says so, and the log goes on behind it.
    try await scene.healing.reconfigure()
    #expect(try await writer.tail() == Position(6))
    let position = try await writer.append([7])
    #expect(position == Position(6))
    await #expect(throws: LogError.lost(Position(1))) { try await writer.read(Position(1)) }
    // The way on: whoever trims it knows of it.
    try await writer.trim(Position(1))
    #expect(try await writer.read(Position(1)) == .trimmed)
    await #expect(throws: LogError.lost(Position(3))) { try await writer.read(Position(3)) }
    try await writer.trimPrefix(before: position)
    #expect(try await writer.read(Position(3)) == .trimmed)
    #expect(try await writer.read(position).isTaken)
    try await scene.healing.reconfigure()
    #expect(scene.healing.cluster.layout?.losses == [])
  }
}
