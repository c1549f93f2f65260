/// The last events of a run, the oldest overwritten first.
struct EventRecord {
  private let countMax: Int
  private var events: [(time: Duration, text: String)] = []
  private var oldest = 0

  init(countMax: Int) {
    self.countMax = countMax
  }

  mutating func append(_ text: String, at time: Duration) {
    if events.count < countMax {
      events.append((time, text))
    } else if countMax > 0 {
      events[oldest] = (time, text)
      oldest = (oldest + 1) % countMax
    }
  }

  /// One line per event, the oldest first: when it happened, in microseconds, and what it was.
  var lines: [String] {
    (events[oldest...] + events[..<oldest]).map { event in
      "\(event.time.microsecondsText) \(event.text)"
    }
  }
}
