/// How the units of stages 3 and 4 are arranged.
public struct MirrorShape: Hashable, Sendable, CustomStringConvertible {
  /// How many chains positions rotate over.
  public var stripes: Int
  /// How many units each chain has.
  public var replicas: Int

  /// How many units there may be.
  public static let unitsMax = 1024

  /// A shape; of the course's four servers unless told otherwise.
  public init(stripes: Int = 2, replicas: Int = 2) {
    precondition(stripes >= 1 && replicas >= 1, "a log needs a stripe, and a stripe a unit")
    precondition(stripes * replicas <= Self.unitsMax, "\(stripes * replicas) units are too many")
    self.stripes = stripes
    self.replicas = replicas
  }

  /// How many units there are.
  public var unitCount: Int { stripes * replicas }

  public var description: String {
    "\(stripes) \(stripes == 1 ? "stripe" : "stripes") × "
      + "\(replicas) \(replicas == 1 ? "replica" : "replicas")"
  }
}
