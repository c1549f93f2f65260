// Goal: meters are shown as Prometheus reads them, and lose nothing to threads. Method: exact
// texts, and many tasks at one meter.
@testable import CorfuCluster
import Metrics
import Testing

@Suite struct MetricsTests {
  private func text(_ body: (PrometheusFactory) -> Void) -> String {
    let factory = PrometheusFactory()
    body(factory)
    return factory.text
  }

  @Test func countersAreShownByLabel() {
    let text = text { factory in
      let reads = Counter(label: "corfu_requests", dimensions: [("kind", "read")], factory: factory)
      let writes = Counter(
        label: "corfu_requests",
        dimensions: [("kind", "write")],
        factory: factory
      )
      writes.increment(by: 3)
      reads.increment()
      // Counters go up.
      reads.increment(by: -5)
      // The same once more.
      Counter(label: "corfu_requests", dimensions: [("kind", "read")], factory: factory).increment()
    }
    #expect(
      text == """
        # HELP corfu_requests_total Requests that were answered.
        # TYPE corfu_requests_total counter
        corfu_requests_total{kind="read"} 2
        corfu_requests_total{kind="write"} 3

        """
    )
  }

  @Test func gaugesAndRecordersAndSums() {
    let text = text { factory in
      Gauge(label: "depth", factory: factory).record(2.5)
      let level = Meter(label: "level", factory: factory)
      level.set(7)
      level.decrement(by: 9)
      let sizes = Recorder(label: "sizes", factory: factory)
      sizes.record(10)
      sizes.record(0.5)
      sizes.record(Double.nan)
      let sum = FloatingPointCounter(label: "paid", factory: factory)
      sum.increment(by: 0.25)
      sum.increment(by: 0.5)
    }
    #expect(
      text == """
        # TYPE depth gauge
        depth 2.5
        # TYPE level gauge
        level -2
        # TYPE paid_total counter
        paid_total 0.75
        # TYPE sizes summary
        sizes_sum 10.5
        sizes_count 2

        """
    )
  }

  @Test func timersAreHistogramsInSeconds() {
    let text = text { factory in
      let timer = Timer(label: "wait", dimensions: [], factory: factory)
      timer.recordNanoseconds(50_000)
      timer.recordNanoseconds(50_001)
      timer.recordMilliseconds(20)
      timer.recordSeconds(60)
      timer.recordNanoseconds(-1)
    }
    #expect(
      text == """
        # TYPE wait_seconds histogram
        wait_seconds_bucket{le="5e-05"} 2
        wait_seconds_bucket{le="0.0001"} 3
        wait_seconds_bucket{le="0.00025"} 3
        wait_seconds_bucket{le="0.0005"} 3
        wait_seconds_bucket{le="0.001"} 3
        wait_seconds_bucket{le="0.0025"} 3
        wait_seconds_bucket{le="0.005"} 3
        wait_seconds_bucket{le="0.01"} 3
        wait_seconds_bucket{le="0.025"} 4
        wait_seconds_bucket{le="0.05"} 4
        wait_seconds_bucket{le="0.1"} 4
        wait_seconds_bucket{le="0.25"} 4
        wait_seconds_bucket{le="0.5"} 4
        wait_seconds_bucket{le="1"} 4
        wait_seconds_bucket{le="2.5"} 4
        wait_seconds_bucket{le="5"} 4
        wait_seconds_bucket{le="10"} 4
        wait_seconds_bucket{le="+Inf"} 5
        wait_seconds_sum 60.020100001
        wait_seconds_count 5

        """
    )
  }

  @Test func namesAndLabelsAreMadeFit() {
    let text = text { factory in
      Counter(
        label: "9 odd-names",
        dimensions: [("a.b", "quote \" back \\ line \n end")],
        factory: factory
      ).increment()
    }
    #expect(
      text == """
        # TYPE __odd_names_total counter
        __odd_names_total{a_b="quote \\" back \\\\ line \\n end"} 1

        """
    )
  }

  @Test func aNameHasOneKind() {
    let text = text { factory in
      Gauge(label: "x_total", factory: factory).record(1)
      Counter(label: "x", factory: factory).increment(by: 2)
    }
    #expect(
      text == """
        # TYPE x_total gauge
        x_total 1
        # TYPE x_total_counter counter
        x_total_counter 2

        """
    )
  }

  @Test func aMeterGoesWithItsLastUser() {
    let factory = PrometheusFactory()
    let first = Counter(label: "x", factory: factory)
    let second = Counter(label: "x", factory: factory)
    first.increment()
    first.destroy()
    second.increment()
    #expect(factory.text == "# TYPE x_total counter\nx_total 2\n")
    second.destroy()
    #expect(factory.text == "")
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1e15, "1000000000000000"), (1e16, "1e+16"), (0.1, "0.1"),
    (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-3.5, "-3.5"),
  ])
  func numbers(value: Double, text: String) {
    #expect(PrometheusText.number(value) == text)
  }

  @Test func nothingIsLostToThreads() async {
    let factory = PrometheusFactory()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let counter = Counter(label: "x", factory: factory)
          let timer = Timer(label: "y", dimensions: [], factory: factory)
          for _ in 0..<1000 {
            counter.increment()
            timer.recordNanoseconds(1000)
          }
        }
      }
    }
    #expect(factory.text.contains("x_total 16000\n"))
    #expect(factory.text.contains("y_seconds_sum 0.016\ny_seconds_count 16000\n"))
  }
}
