public import CorfuGlobalLog

/// How far a copy is behind the log that it is a copy of.
public struct MirrorLag: Hashable, Sendable {
  /// Before which position everything is copied.
  public var copied: Position
  /// Where the log ended when it last said that.
  public var end: Position
  /// All that is older than this is in the copy.
  public var age: Duration
  /// Whether the copy is no older than ``age``: not, while it has never had all that there was.
  public var isAgeKnown: Bool
  /// For how long the log has not said where it ends.
  public var silence: Duration

  /// A lag.
  public init(
    copied: Position,
    end: Position,
    age: Duration = .zero,
    isAgeKnown: Bool = true,
    silence: Duration = .zero
  ) {
    self.copied = copied
    self.end = end
    self.age = age
    self.isAgeKnown = isAgeKnown
    self.silence = silence
  }

  /// How many positions are not copied, as far as is known.
  public var positions: Int { copied < end ? copied.distance(to: end) : 0 }
}

extension MirrorLag: CustomStringConvertible {
  /// Such as `copied up to 1200, 34 positions and 0.4 s behind`.
  public var description: String {
    let silent =
      silence < Self.silenceToldMin
      ? "" : "; the log has not said for \(Self.text(silence)) where it ends"
    return "copied up to \(copied), \(distance)\(silent)"
  }

  /// The distance alone, such as `34 positions and 0.4 s behind`.
  var distance: String {
    if positions == 0 { return "nothing behind" }
    let count = positions == 1 ? "1 position" : "\(positions) positions"
    return "\(count) and \(isAgeKnown ? "" : "more than ")\(Self.text(age)) behind"
  }

  /// So long a silence is nothing to speak of.
  private static var silenceToldMin: Duration { .seconds(3) }

  /// A time with a digit behind the point, if that makes a difference.
  static func text(_ time: Duration) -> String {
    let tenths = Int((max(time, .zero) / .milliseconds(100)).rounded())
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 10) s"
  }
}
