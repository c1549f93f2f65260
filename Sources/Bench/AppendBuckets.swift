/// How many appends were acknowledged in each stretch of time: told the time, so it can be tested.
struct AppendBuckets: Sendable {
  /// How long a stretch is.
  let width: Duration
  private let begin: Duration
  private var counts: [Int] = []

  /// Begins to count.
  init(of width: Duration, from begin: Duration) {
    self.width = width
    self.begin = begin
  }

  /// The stretch that a moment is in; `nil` before the first.
  func place(of now: Duration) -> Int? {
    now < begin ? nil : Int((now - begin) / width)
  }

  /// An append was acknowledged.
  mutating func acknowledge(at now: Duration) {
    guard let place = place(of: now) else { return }
    while counts.count <= place { counts.append(0) }
    counts[place] += 1
  }

  /// The counts of all stretches that are over.
  func counts(at now: Duration) -> [Int] {
    let over = place(of: now) ?? 0
    return (0..<over).map { counts.indices.contains($0) ? counts[$0] : 0 }
  }
}
