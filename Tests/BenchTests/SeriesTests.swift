import CorfuBench
import Testing

// Goal: the arithmetic of a report is right. Method: small numbers, worked out by hand.

private func series(_ rates: [Int]) -> Series {
  Series(rates.map { Measurement(operations: $0, bytes: $0 * 10, duration: .seconds(2)) })
}

@Test(
  "The median is the middle, or the mean of the two middles",
  arguments: [([], 0), ([3], 3), ([9, 1, 5], 5), ([4, 1, 3, 2], 2.5)] as [([Double], Double)]
)
func median(values: [Double], expected: Double) {
  #expect(values.median == expected)
}

@Test("Rates come from operations, bytes and time")
func rates() {
  let measurement = Measurement(operations: 10, bytes: 4000, duration: .milliseconds(500))
  #expect(measurement.operationsPerSecond == 20)
  #expect(measurement.bytesPerSecond == 8000)
}

@Test("A ratio is taken within each round: a slow round slows both")
func ratio() {
  let ours = series([100, 20, 300])
  let baseline = series([50, 10, 100])
  #expect(ours.ratio(to: baseline, \.operationsPerSecond) == 2)
  #expect(ours.median(\.operationsPerSecond) == 50)
}

@Test("The spread is the range as a part of the median")
func spread() {
  #expect(series([90, 100, 120]).spread(\.operationsPerSecond) == 0.3)
  #expect(Series().spread(\.operationsPerSecond) == 0)
}

@Test("Latencies are exact to a hundredth")
func latencies() {
  var latencies = Latencies()
  for number in 1...100 { latencies.record(.microseconds(number)) }
  #expect(latencies.count == 100)
  #expect(abs(latencies.seconds(atPercentile: 50) - 50e-6) < 0.5e-6)
  #expect(abs(latencies.seconds(atPercentile: 99) - 99e-6) < 1e-6)
  #expect(Latencies().seconds(atPercentile: 50) == 0)
}
