internal import CorfuClient

/// What a simulated cluster goes through more often than chance would have it, so that fewer seeds
/// find what seldom happens.
public enum ClusterFocus: String, CaseIterable, Sendable {
  /// Acceptors lose their power while several want the next epoch.
  case votes
  /// Objects are written down, and what came before is forgotten.
  case forgetting
  /// Sequencers are taken for dead, and answer all the same.
  case reigns
  /// Units are gone for long, and others are given what they had, with its holes and trims.
  case rebuilds
  /// The cluster falls into two camps.
  case splits
  /// A chain is lost for good, and declared so.
  case losses
  /// Most acceptors are lost for good, and others are appointed.
  case appointments
}

extension ClusterConfiguration {
  /// Turns what was drawn towards a focus.
  mutating func turn(to focus: ClusterFocus) {
    switch focus {
    case .votes:
      monitors = 3
      for fault in [ClusterFault.powerCutOfAll, .powerCut, .kill, .seal] { weights[fault] = 4 }
      weights[.twoHands] = 8
    case .forgetting:
      trimRate = 0.1
    case .reigns:
      for fault in [ClusterFault.longPause, .split, .cut, .oneWayCut] { weights[fault] = 4 }
      // Others go on long before whoever has asked the old one gives up.
      monitorLimits.interval = .milliseconds(4)
      monitorLimits.patience = .milliseconds(10)
      monitorLimits.silenceMax = .milliseconds(20)
      clientLimits.callPatience = .milliseconds(200)
    case .rebuilds:
      for fault in [ClusterFault.longDeath, .hole, .lostDisk, .takeover] { weights[fault] = 4 }
      spares = max(spares, 2)
      trims = true
    case .splits:
      weights[.split] = 12
      monitors = 3
    // It happens once in a seed: ``OverridePlan`` sees to it.
    case .losses, .appointments: return
    }
    respite = .milliseconds(1)...(.milliseconds(20))
  }
}
