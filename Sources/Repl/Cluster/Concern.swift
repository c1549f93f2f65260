/// Something about a cluster that is not as it should be.
struct Concern: Equatable, Sendable {
  /// What, and what helps.
  let text: String
  /// Whether it may be why something cannot be done; otherwise it comes of something else, or only
  /// the next death would be in the way.
  let isObstacle: Bool

  static func obstacle(_ text: String) -> Concern { Concern(text: text, isObstacle: true) }
  static func risk(_ text: String) -> Concern { Concern(text: text, isObstacle: false) }
}
