/// Metrics that are put together one by one, each of the kind that the catalogue says.
struct MetricSheet {
  private(set) var families: [MetricFamily] = []

  /// Adds a number to the family of a name, which the catalogue must have.
  mutating func add(
    _ name: String,
    _ value: Double,
    _ labels: [(name: String, value: String)] = []
  ) {
    guard let entry = MetricCatalogue.entry(named: name) else {
      preconditionFailure("the catalogue has no metric '\(name)'")
    }
    let sample = MetricFamily.Sample(labels: labels, value: value)
    if let index = families.firstIndex(where: { $0.name == name }) {
      families[index].samples.append(sample)
    } else {
      families.append(MetricFamily(name: name, kind: entry.kind, samples: [sample]))
    }
  }
}
