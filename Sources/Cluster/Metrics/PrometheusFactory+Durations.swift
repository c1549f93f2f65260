internal import CorfuProtocol

extension PrometheusFactory {
  /// What a timer has measured, bucket by bucket.
  ///
  /// - Parameters:
  ///   - name: The metric's name: `corfu_request_seconds`.
  ///   - kind: The value of its label `kind`; `nil` where it has none.
  /// - Returns: How many fell into each bucket; nothing if there is no such timer.
  func durations(of name: String, kind: String? = nil) -> [DurationBucket] {
    guard let family = families.first(where: { $0.name == name }) else { return [] }
    var buckets: [DurationBucket] = []
    var below = 0
    for sample in family.samples where sample.suffix == "_bucket" {
      guard sample.labels.first(where: { $0.name == "kind" })?.value == kind,
        let label = sample.labels.first(where: { $0.name == "le" })?.value
      else { continue }
      // The text tells how many there were up to here.
      let count = Int(sample.value)
      let bound = label == "+Inf" ? nil : Double(label).map { Int(($0 * 1e9).rounded()) }
      buckets.append(DurationBucket(nanosecondsMax: bound, count: max(0, count - below)))
      below = count
    }
    return buckets
  }
}
