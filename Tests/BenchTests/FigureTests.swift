import CorfuBench
import Testing

// Goal: a budget is judged as it is written. Method: values on both sides of each limit.

@Test(
  "A value is held against its budget",
  arguments: [
    (10, Budget.value(atLeast: 10), Verdict.met), (9.9, .value(atLeast: 10), .missed),
    (10, .value(atMost: 10), .met), (10.1, .value(atMost: 10), .missed),
  ] as [(Double, Budget, Verdict)]
)
func valueVerdict(value: Double, budget: Budget, expected: Verdict) {
  #expect(Figure("it", value, .seconds).within(budget).verdict == expected)
}

@Test(
  "A ratio is held against its budget",
  arguments: [
    (0.7, Budget.ratio(atLeast: 0.7), Verdict.met), (0.69, .ratio(atLeast: 0.7), .missed),
    (3, .ratio(atMost: 3), .met), (3.1, .ratio(atMost: 3), .missed),
  ] as [(Double, Budget, Verdict)]
)
func ratioVerdict(ratio: Double, budget: Budget, expected: Verdict) {
  let figure = Figure("it", 1, .perSecond).against("that", ratio: ratio, budget: budget)
  #expect(figure.verdict == expected)
}

@Test("Without a budget, or without the baseline it speaks of, there is no verdict")
func noVerdict() {
  #expect(Figure("it", 1, .bytes).verdict == .none)
  #expect(Figure("it", 1, .bytes).within(.ratio(atLeast: 1)).verdict == .none)
}

@Test(
  "Values are written in three digits",
  arguments: [
    (212_345, Unit.perSecond, "212K/s"), (999, .perSecond, "999/s"),
    (999_900, .perSecond, "1.00M/s"), (1.314e9, .bytesPerSecond, "1.31 GB/s"),
    (48e-6, .seconds, "48.0 µs"), (0.3, .seconds, "300 ms"), (0, .bytes, "0.00 B"),
    (0.0512, .share, "5.12%"), (1, .share, "100%"),
    (14.94, .number, "14.9"), (-2, .number, "-2.00"), (.infinity, .number, "–"),
  ] as [(Double, Unit, String)]
)
func unitText(value: Double, unit: Unit, expected: String) {
  #expect(unit.text(value) == expected)
}
