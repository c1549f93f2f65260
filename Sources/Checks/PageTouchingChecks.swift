public import CorfuGlobalLog
import CorfuSimulation

/// Has every page counted again: it works, and it is dear.
public struct AllPages: PageTouching {
  /// Remembers nothing.
  public init() {}

  /// All pages there are.
  public func pages(
    touchedBy range: Range<Position>,
    fences: [Position],
    upTo highest: Position
  ) -> Range<Int> {
    fences.indices
  }
}

/// The checks of exercise 4.5: any ``PageTouching``, on an index of which more and more is trimmed.
public struct PageTouchingChecks<Pages: PageTouching>: Sendable {
  /// Checks for a way to find pages.
  public init() {}

  private typealias Promise = Invariant.Chapter4

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "4.5.1",
        Promise.counted,
        often: "A page begins with its fence, and that position is on it. A range that begins "
          + "before the first page can still reach into it; and one that is long touches all pages "
          + "between its first and its last."
      ) { seed throws(CheckFailure) in
        var index = CountedIndex<Pages>(seed)
        return try index.run()
      },
      Check(
        "4.5.2",
        Promise.recounted,
        often: "The position behind a range is not in it: a range that ends where a page begins "
          + "does not touch that page. What lies behind 'highest' is on no page at all."
      ) { seed throws(CheckFailure) in
        var index = CountedIndex<Pages>(seed)
        return try index.judgeCost()
      },
    ]
  }
}

/// An index in pages, what is live on each as it was counted last, and trims.
private struct CountedIndex<Pages: PageTouching> {
  private var random: SeededGenerator
  /// The positions on each page.
  private let pages: [[Position]]
  private var trimmed: Set<Position> = []
  /// How many of each page are live; `nil` if it is to be counted again.
  private var counts: [Int?]
  /// The pages that were touched since they were counted.
  private var due: Set<Int> = []
  private var reads = 0
  private var budget = 0
  private var events: [String] = []

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    var pages: [[Position]] = []
    var number = random.number(in: 5...20)
    for _ in 0..<random.number(in: 2...12) {
      var page: [Position] = []
      for _ in 0..<random.number(in: 1...4) {
        page.append(Position(UInt64(number)))
        number += random.number(in: 1...6)
      }
      pages.append(page)
    }
    self.pages = pages
    counts = pages.map { Optional($0.count) }
    let begins = fences.map(\.description).joined(separator: ", ")
    events.append("pages begin at \(begins); the last ends with \(highest); all are counted")
  }

  private var fences: [Position] { pages.compactMap(\.first) }

  private var highest: Position { pages.last?.last ?? .zero }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  private func live(on page: Int) -> Int {
    pages[page].count { !trimmed.contains($0) }
  }

  /// What is trimmed next: somewhere, before or behind all pages, or up to where one begins.
  private mutating func nextTrim() -> Range<Position> {
    let end = Int(highest.number)
    var lower = random.number(in: 5...end)
    var count = random.chance(0.5) ? 1 : random.number(in: 2...20)
    switch random.number(below: 6) {
    case 0: lower = end + random.number(in: 1...10)
    case 1: lower = random.number(below: 5)
    case 2:
      let fence = Int((random.element(of: fences) ?? highest).number)
      count = random.number(in: 1...5)
      lower = fence - count
    default: break
    }
    return Position(UInt64(lower))..<Position(UInt64(lower + count))
  }

  /// Whether a trim reaches what lies between a page's first position and the next page's.
  private func isTouched(_ page: Int, by range: Range<Position>) -> Bool {
    let fences = self.fences
    let end = page + 1 < fences.count ? fences[page + 1] : highest.advanced(by: 1)
    return range.overlaps(fences[page]..<end)
  }

  /// Trims, and counts again now and then.
  mutating func run() throws(CheckFailure) -> CheckTrace {
    for _ in 0..<random.number(in: 1...12) {
      let range = nextTrim()
      try trim(range)
      if random.chance(0.5) { count() }
    }
    count()
    return CheckTrace(events: events)
  }

  private mutating func trim(_ range: Range<Position>) throws(CheckFailure) {
    let touched = Pages().pages(touchedBy: range, fences: fences, upTo: highest)
    let list = touched.map(\.description).joined(separator: " ")
    let told = touched.isEmpty ? "no page" : "pages \(list)"
    events.append("trim \(range.lowerBound)..<\(range.upperBound)  <- \(told)")
    for position in pages.joined() where range.contains(position) { trimmed.insert(position) }
    due.formUnion(pages.indices.filter { isTouched($0, by: range) })
    for page in touched {
      guard pages.indices.contains(page) else {
        throw failure("there is no page \(page): there are \(pages.count), and the first is 0")
      }
      counts[page] = nil
    }
    for (page, count) in counts.enumerated() {
      guard let count, count != live(on: page) else { continue }
      throw failure(
        "page \(page), which begins at \(fences[page]), counts \(count) as live, and has "
          + "\(live(on: page))"
      )
    }
  }

  /// Reads the pages that have no count.
  private mutating func count() {
    let stale = counts.indices.filter { counts[$0] == nil }
    reads += stale.count
    budget += due.count
    due = []
    for page in stale { counts[page] = live(on: page) }
    let total = counts.reduce(0) { $0 + ($1 ?? 0) }
    events.append("counted again: \(total) are live  <- \(stale.count) pages read")
  }

  /// Looks how many pages were read.
  mutating func judgeCost() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    let cost = Cost(reads, budget: budget, unit: "pages read")
    if !cost.isWithinBudget { throw failure("to know what is live cost \(cost)") }
    trace.cost = cost
    return trace
  }
}
