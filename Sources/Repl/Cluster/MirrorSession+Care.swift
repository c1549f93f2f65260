import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror

// What chapter 4 adds: room that comes back, and units that get what they missed.

extension MirrorSession {
  /// Starts a unit, and lets it get what it missed.
  func restart(
    _ node: NodeID,
    of care: Care,
    seed: UInt64
  ) async throws(ReplError) -> ClusterAnswer {
    let back: UnitReturn = try await change { () throws(MirrorError) in
      var random = SeededGenerator(seed: seed)
      return try await care.restart(node, using: &random)
    }
    let epoch = care.mirrors.layout.epoch
    var facts = [Fact("node", .text("\(node)")), Fact("serves", .flag(true))]
    guard case .joined(let values, let isReset) = back else {
      return .told("\(node) is back, and serves", facts)
    }
    facts += [
      Fact("positions", .count(values)), Fact("began anew", .flag(isReset)),
      Fact("epoch", .count(Int(epoch.number))),
    ]
    let what = values == 1 ? "1 position" : "\(Numbers.grouped(values)) positions"
    return .told(
      isReset
        ? "\(node) is back; what it had did not fit its chain, so it began anew: \(what) copied; "
          + "epoch \(epoch) begins with it"
        : "\(node) is back and has all: \(what) copied or compared; epoch \(epoch) begins with it",
      facts
    )
  }

  /// Compacts a unit, or all that are up.
  func compact(_ name: String?) async throws(ReplError) -> ClusterAnswer {
    let mirror = opened.value.mirror
    guard let care = opened.value.care else { throw .syntax(.later("compact", chapter: 4)) }
    let named = try name.map { name throws(ReplError) in try node(name) }
    var report = CompactionTable()
    for unit in mirror.units where named == nil || named == unit.name.node {
      let node = unit.name.node
      guard mirror.unit(node)?.isAlive == true else {
        if named == nil { continue }
        throw .refused("\(node) is down: 'node restart \(node)' brings it back")
      }
      let before = await mirror.space(of: node)
      let done = try await change { () throws(MirrorError) in try await care.compact(node) }
      report.add(node, done, from: before, to: await mirror.space(of: node))
    }
    return report.answer
  }
}
