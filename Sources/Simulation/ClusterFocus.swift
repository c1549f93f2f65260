/// What a simulated cluster goes through more often than chance would have it, so that fewer seeds
/// find what seldom happens.
public enum ClusterFocus: Sendable {
  /// Acceptors lose their power while several want the next epoch.
  case votes
  /// Objects are written down, and what came before is forgotten.
  case forgetting
  /// One sequencer follows another, and leaves holes.
  case reigns
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
      for fault in [ClusterFault.sequencerRestart, .seal, .hole] { weights[fault] = 4 }
    }
    respite = .milliseconds(1)...(.milliseconds(20))
  }
}
