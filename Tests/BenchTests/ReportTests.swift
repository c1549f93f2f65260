import CorfuBench
import Testing

// Goal: a report reads well, for people and for programs.
// Method: a small one, compared letter by letter.

private func makeReport() -> Report {
  var report = Report(
    name: "some",
    machine: Machine(system: "Linux", processor: "arm64", cores: 2, fileSystem: "ext4")
  )
  report.notes = ["a \"note\""]
  var fast = Figure("fast", 2e6, .perSecond)
    .against("slow", ratio: 2.5, budget: .ratio(atLeast: 3))
  fast.spread = 0.1
  fast.p50 = 1e-3
  fast.p99 = 0.25
  report.sections = [
    Report.Section("One", [Figure("slow", 8e5, .perSecond), fast]),
    Report.Section("Two", [Figure("small", 1e6, .bytes).within(.value(atMost: 2e6))]),
  ]
  return report
}

@Test("The table's columns are aligned")
func table() {
  #expect(
    ReportTable(makeReport()).text == """
      corfu bench some: Linux, arm64, 2 cores, ext4
      a "note"

                median  spread      p50     p99  baseline  ratio  budget

      One
        slow    800K/s
        fast   2.00M/s     ±5%  1.00 ms  250 ms  slow      2.50×  ≥ 3.00×    missed

      Two
        small  1.00 MB                                            ≤ 2.00 MB  met

      budgets: 1 met, 1 missed

      """
  )
}

@Test("The JSON document has every figure, in base units")
func json() {
  #expect(
    ReportJSON(makeReport()).text
      == #"{"benchmark":"some","machine":{"system":"Linux","processor":"arm64","cores":2,"#
      + #""fileSystem":"ext4"},"notes":["a \"note\""],"sections":[{"title":"One","figures":["#
      + #"{"name":"slow","value":800000,"unit":"1/s"},"#
      + #"{"name":"fast","value":2000000,"unit":"1/s","spread":0.1,"p50":0.001,"p99":0.25,"#
      + #""baseline":"slow","ratio":2.5,"#
      + #""budget":{"of":"ratio","bound":"atLeast","limit":3},"verdict":"missed"}]},"#
      + #"{"title":"Two","figures":[{"name":"small","value":1000000,"unit":"B","#
      + #""budget":{"of":"value","bound":"atMost","limit":2000000},"verdict":"met"}]}],"#
      + #""met":1,"missed":1}"# + "\n"
  )
}
