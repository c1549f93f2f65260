public import CorfuStripeMirror

/// Says who is in a chain from now on: the part that exercise 6.3 builds.
///
/// Pure: two who see the same say the same.
public protocol ChainPlanning: Sendable {
  /// Who goes on keeping what a chain has kept.
  ///
  /// Its replicas that are there, in their order; behind them those of `joining` that are there,
  /// and nobody twice. Those who are to leave go all together, as soon as `goal.replicas` of those
  /// who stay have all of it; before that none goes.
  ///
  /// - Parameters:
  ///   - chain: The chain as it was.
  ///   - joining: Units that were given all that the chain has.
  ///   - sight: Who is there.
  ///   - goal: How many replicas there should be, and who is to leave.
  /// - Returns: The replicas, head first; none, if nobody is left.
  static func keepers(
    of chain: Chain,
    joining: [UnitName],
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [UnitName]

  /// Who keeps what will be written, in the place of a chain.
  ///
  /// The keepers who stay, in their order (all of them, even if they are more than
  /// `goal.replicas`); behind them as many free units as are needed. Where there are too few, those
  /// who are to leave stay in their places, the foremost first, as long as somebody is needed.
  ///
  /// - Parameters:
  ///   - keepers: Who keeps what the chain has kept, head first.
  ///   - free: Units that are there and have no work, in the order in which they are to be taken.
  ///   - goal: How many replicas there should be, and who is to leave.
  /// - Returns: The replicas, head first.
  static func writers(
    after keepers: [UnitName],
    free: [UnitName],
    goal: ClusterGoal
  ) -> [UnitName]
}

/// Who is in a chain from now on: survivors go on in their order, newcomers stand behind them.
///
/// What stood on the head alone may be on its way down the chain. Were a later replica put before
/// it, two clients would take different ones for the head. (Rules R23, R28.)
public enum ChainPlanner: ChainPlanning {
  // exercise 6.3: survivors go on in their order, and newcomers stand behind them
  public static func keepers(
    of chain: Chain,
    joining: [UnitName],
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [UnitName] {
    var units = chain.replicas.filter { sight.units.contains($0) }
    units += joining.filter { sight.units.contains($0) && !units.contains($0) }
    let staying = units.filter { !goal.leaving.contains($0.node) }
    return staying.count >= goal.replicas ? staying : units
  }

  public static func writers(
    after keepers: [UnitName],
    free: [UnitName],
    goal: ClusterGoal
  ) -> [UnitName] {
    let staying = keepers.count { !goal.leaving.contains($0.node) }
    let newcomers = free.prefix(max(0, goal.replicas - staying))
    // Better to write on somebody who leaves than on too few.
    var missing = goal.replicas - staying - newcomers.count
    var units: [UnitName] = []
    for unit in keepers {
      if goal.leaving.contains(unit.node) {
        if missing <= 0 { continue }
        missing -= 1
      }
      units.append(unit)
    }
    return units + newcomers
  }
  // end 6.3
}
