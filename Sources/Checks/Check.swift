/// One promise, held against the type under test: the unit in which a learner's work passes or
/// fails.
public struct Check: Sendable {
  /// The exercise and which of its checks this is: `1.3.2`.
  public let id: String
  /// What must hold: `I1.3 no entry stands in the log twice`.
  public let invariant: Invariant
  /// What a mistake that breaks it often is.
  public let often: String
  /// Whether it takes real time, as with real processes: it is tried with one seed only.
  public let isSlow: Bool

  private let body: @Sendable (UInt64) throws(CheckFailure) -> CheckTrace

  /// A check.
  ///
  /// - Parameters:
  ///   - id: The exercise and the check's number in it.
  ///   - invariant: What must hold.
  ///   - often: The likely cause where it does not, in a sentence or two.
  ///   - isSlow: Whether it takes real time.
  ///   - body: Tries it once; all chance comes from the seed.
  public init(
    _ id: String,
    _ invariant: Invariant,
    often: String,
    isSlow: Bool = false,
    body: @escaping @Sendable (UInt64) throws(CheckFailure) -> CheckTrace
  ) {
    self.id = id
    self.invariant = invariant
    self.often = often
    self.isSlow = isSlow
    self.body = body
  }

  /// The exercise it belongs to: `1.3`.
  public var exercise: String {
    id.split(separator: ".").prefix(2).joined(separator: ".")
  }

  /// Whether an id names this check, its exercise or its chapter.
  public func isNamed(by name: String) -> Bool {
    id == name || id.hasPrefix(name + ".")
  }

  /// Tries it with one seed; the same seed gives the same trace.
  public func run(seed: UInt64) throws(CheckFailure) -> CheckTrace {
    do {
      return try body(seed)
    } catch {
      var failure = error
      if failure.often == nil { failure.often = failure.isEndless ? oftenEndless : often }
      throw failure
    }
  }

  /// What keeps a run from its end, where its story does not say it.
  private var oftenEndless: String {
    exercise == "1.3"
      ? "The same as in 1.3.1, where the story shows each question to the store."
      : "The same is done again and again, and nothing that it looks at changes: see what the last "
        + "events have in common, and what would have to differ for the loop to end."
  }

  /// Tries it with a run of seeds; with the first of them, if it is slow.
  ///
  /// Of several that fail, the one with the shortest story is kept; one that came to no end is
  /// the last.
  ///
  /// - Parameters:
  ///   - seeds: Which.
  ///   - onSeed: Told each before it is tried.
  ///   - onCost: Told what each has cost, where costs are counted.
  /// - Throws: The failure with the shortest story.
  public func run(
    seeds: Range<UInt64>,
    onSeed: (UInt64) -> Void = { _ in },
    onCost: (Cost) -> Void = { _ in }
  ) throws(SeedFailure) {
    var worst: SeedFailure?
    for seed in isSlow ? seeds.prefix(1) : seeds {
      onSeed(seed)
      do {
        if let cost = try run(seed: seed).cost { onCost(cost) }
      } catch {
        if let known = worst, known.failure.eventCount <= error.eventCount { continue }
        worst = SeedFailure(seed: seed, failure: error)
        if error.isEndless { break }
      }
    }
    if let worst { throw worst }
  }
}

/// A promise of the course with its number: chapter 4's second is `I4.2`.
public struct Invariant: Hashable, Sendable, CustomStringConvertible {
  /// The number.
  public let name: String
  /// What holds, in half a sentence.
  public let title: String

  /// An invariant.
  public init(_ name: String, _ title: String) {
    self.name = name
    self.title = title
  }

  /// The number and the title.
  public var description: String { "\(name) \(title)" }
}

/// What a check saw, for those who want to know whether a seed repeats.
public struct CheckTrace: Equatable, Sendable {
  /// What happened, in order.
  public let events: [String]
  /// A number that stands for all that happened, shown or not.
  public let fingerprint: UInt64
  /// What it has cost; `nil` if nobody counts.
  public var cost: Cost?

  /// A trace.
  public init(events: [String], fingerprint: UInt64) {
    self.events = events
    self.fingerprint = fingerprint
  }
}
