public import CorfuPaxosConfigurator
import CorfuSimulation
import CorfuStripeMirror

/// The checks of exercise 6.3: any ``ChainPlanning``, with nodes that die, come and leave.
public struct ChainPlanningChecks<Planner: ChainPlanning>: Sendable {
  /// Checks for a planner.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      keepers(
        "6.3.1",
        Promise.order,
        PlanScene.Kind(deaths: 0.4),
        often: "Whoever is in 'sight.units' stays, and all in the order in which they stood."
      ),
      keepers(
        "6.3.2",
        Promise.order,
        PlanScene.Kind(deaths: 0.3, joins: 0.7),
        often: "Who has caught up stands behind all others, if it is there, and not twice."
      ),
      keepers(
        "6.3.3",
        Promise.leaves,
        PlanScene.Kind(deaths: 0.2, joins: 0.5, leaves: 0.4),
        often: "Count those who stay. As soon as they are as many as 'goal.replicas', those who "
          + "leave go, all of them; before that, none does."
      ),
      writers(
        "6.3.4",
        Promise.order,
        PlanScene.Kind(),
        often: "As many of 'free' as are missing, from its front, behind the keepers."
      ),
      writers(
        "6.3.5",
        Promise.leaves,
        PlanScene.Kind(leaves: 0.5),
        often: "Who leaves does not count, so somebody free takes its place. If nobody is free, it "
          + "stays where it stood, the foremost first: better to write on somebody who leaves than "
          + "on too few."
      ),
    ]
  }

  private func keepers(
    _ id: String,
    _ invariant: Invariant,
    _ kind: PlanScene.Kind,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      let scene = PlanScene(seed: seed, kind)
      let said = Planner.keepers(
        of: scene.chain,
        joining: scene.joining,
        seeing: scene.sight,
        goal: scene.goal
      )
      let expected = ChainPlanner.keepers(
        of: scene.chain,
        joining: scene.joining,
        seeing: scene.sight,
        goal: scene.goal
      )
      return try scene.judge(said, expected, scene.keeperLines)
    }
  }

  private func writers(
    _ id: String,
    _ invariant: Invariant,
    _ kind: PlanScene.Kind,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      let scene = PlanScene(seed: seed, kind)
      let keepers = scene.chain.replicas
      let said = Planner.writers(after: keepers, free: scene.free, goal: scene.goal)
      let expected = ChainPlanner.writers(after: keepers, free: scene.free, goal: scene.goal)
      return try scene.judge(said, expected, scene.writerLines)
    }
  }
}

/// A chain, and who is there.
struct PlanScene {
  /// How likely things are.
  struct Kind {
    var deaths = 0.0
    var joins = 0.0
    var leaves = 0.0
  }

  let chain: Chain
  let joining: [UnitName]
  let sight: ClusterSight
  let goal: ClusterGoal
  let free: [UnitName]

  init(seed: UInt64, _ kind: Kind) {
    var random = SeededGenerator(seed: seed)
    let units = Self.shuffled((1...7).map { Self.unit($0) }, using: &random)
    let replicas = Array(units.prefix(random.number(in: 1...3)))
    let others = Array(units.dropFirst(replicas.count))
    var joining = others.prefix(2).filter { _ in random.chance(kind.joins) }
    // Somebody may join who is in the chain already: two monitors were at it.
    if !joining.isEmpty, random.chance(0.2) { joining.append(replicas[0]) }
    chain = Chain(replicas)
    self.joining = joining
    let dead = units.filter { _ in random.chance(kind.deaths) }
    sight = ClusterSight(units: Set(units).subtracting(dead))
    let leaving = units.filter { _ in random.chance(kind.leaves) }.map(\.node)
    goal = ClusterGoal(replicas: random.number(in: 1...3), leaving: Set(leaving))
    free = others.prefix(random.number(in: 0...3)).filter { !leaving.contains($0.node) }
  }

  /// Units in an order that the seed draws, whatever the library.
  static func shuffled(
    _ units: [UnitName],
    using random: inout SeededGenerator
  ) -> [UnitName] {
    var rest = units
    return units.map { _ in rest.remove(at: random.number(below: rest.count)) }
  }

  static func unit(_ number: Int) -> UnitName {
    UnitName(
      node: NodeID(UInt32(number)),
      incarnation: Incarnation(high: UInt64(number) << 48, low: 0)
    )
  }

  var keeperLines: [String] {
    [
      "the chain was \(chain); \(told(sight.units.sorted { $0.node < $1.node })) answer",
      "caught up: \(told(joining)); to leave: \(told(leaving)); wanted: \(goal.replicas) replicas",
    ]
  }

  var writerLines: [String] {
    [
      "the chain is \(chain); free: \(told(free))",
      "to leave: \(told(leaving)); wanted: \(goal.replicas) replicas",
    ]
  }

  private var leaving: [UnitName] {
    (1...7).map { Self.unit($0) }.filter { goal.leaving.contains($0.node) }
  }

  private func told(_ units: [UnitName]) -> String {
    units.isEmpty ? "nobody" : units.map(\.description).joined(separator: " ")
  }

  func judge(
    _ said: [UnitName],
    _ expected: [UnitName],
    _ lines: [String]
  ) throws(CheckFailure) -> CheckTrace {
    let events = lines + ["the plan says: \(said.isEmpty ? "nobody" : "\(Chain(said))")"]
    if said == expected { return CheckTrace(events: events) }
    throw CheckFailure(finding(said, expected), events: events)
  }

  private func finding(_ said: [UnitName], _ expected: [UnitName]) -> String {
    if let unit = said.first(where: { unit in said.count { $0 == unit } > 1 }) {
      return "\(unit) is in the chain twice"
    }
    for unit in said where !expected.contains(unit) {
      if !sight.units.contains(unit) {
        return "\(unit) does not answer, and is in the chain: every write would wait for it"
      }
      if goal.leaving.contains(unit.node) {
        let sentAway = expected.first { goal.leaving.contains($0.node) && !said.contains($0) }
        if let other = sentAway {
          return "\(unit) stays and \(other), which stood before it, goes: of those who leave, the "
            + "foremost stay"
        }
        return "\(unit) is to leave, enough others are there, and it stays"
      }
      return "\(unit) is in the chain, and there are enough without it"
    }
    for unit in expected where !said.contains(unit) {
      if goal.leaving.contains(unit.node) {
        return "\(unit) is sent away, and there are too few without it"
      }
      return "\(unit) is there, and is left out"
    }
    let pair = zip(said, expected).first { $0 != $1 }
    let (one, other) = (pair?.0.description ?? "", pair?.1.description ?? "")
    return "\(one) stands where \(other) belongs: a value that is on its way down the chain would "
      + "meet another head"
  }
}
