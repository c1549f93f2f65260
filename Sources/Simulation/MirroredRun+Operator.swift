import CorfuGlobalLog
import CorfuStages
import CorfuStripeMirror

extension MirroredRun {
  /// Kills units, restarts them, and takes out those that failed, until it is time to go.
  func operate(_ stage: Stage, for span: Duration) async {
    var random = world.random.split()
    let end = world.now + span
    while world.now < end {
      await world.sleep(for: random.duration(in: .microseconds(100)...(.milliseconds(8))))
      let failed = stage.mirrors.units.first { $0.condition == .down }
      if let failed, random.chance(0.7) {
        await kill(failed.name.node, of: stage)
      } else if configuration.kills, random.chance(0.3),
        let unit = random.element(of: stage.mirrors.units)
      {
        switch unit.condition {
        case .up: await kill(unit.name.node, of: stage)
        case .down, .gone: await restart(unit.name.node, of: stage, &random)
        case .out where configuration.joins:
          await restart(unit.name.node, of: stage, &random)
        case .out: break
        }
      }
      disks.chains = stage.mirrors.layout.chains.map { $0.replicas.map(\.node) }
    }
  }

  private func kill(_ node: NodeID, of stage: Stage) async {
    // One that has failed is only taken out.
    let wasAlive = stage.mirrors.unit(node)?.isAlive == true
    do {
      let isOut = try await stage.kill(node)
      world.note("\(node) is killed, and \(isOut ? "out" : "the last of its chain")")
      if wasAlive { count(isOut ? .kill : .killOfTheLast) }
    } catch {
      world.note("\(node) is not killed: \(error)")
    }
  }

  private func restart(
    _ node: NodeID,
    of stage: Stage,
    _ random: inout SeededGenerator
  ) async {
    do {
      if !configuration.joins {
        let serves = try await stage.mirrors.restart(node, using: &random)
        world.note("\(node) is back, and \(serves ? "serves" : "stays out")")
        return count(serves ? "restart" : "restart of one that is out")
      }
      history.joining()
      switch try await stage.restart(node, using: &random) {
      case .serves: count("restart")
      case .joined(_, let isReset): count(isReset ? "reset" : "join")
      }
      world.note("\(node) is back, and serves")
    } catch {
      world.note("\(node) is not back: \(error)")
    }
  }
}
