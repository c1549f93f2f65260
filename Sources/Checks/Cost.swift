/// What something has cost, beside what it may cost: of a bonus, whose part works already and is
/// too dear.
public struct Cost: Hashable, Sendable, CustomStringConvertible {
  /// How many it took.
  public let count: Int
  /// How many it may take.
  public let budget: Int
  /// Of what: `requests`.
  public let unit: String

  /// A cost.
  public init(_ count: Int, budget: Int, unit: String) {
    self.count = count
    self.budget = budget
    self.unit = unit
  }

  /// Whether it is no more than it may be.
  public var isWithinBudget: Bool { count <= budget }

  /// The count and the budget.
  public var description: String { "\(count) \(unit), and the budget is \(budget)" }
}
