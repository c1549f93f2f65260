// Goal: the plan chooses the cheapest gain, and comes to an end. Method: every small table of
// usages.
import CorfuCopyCompaction
import CorfuSimulation
import Testing

struct PlanTests {
  private let plan = CompactionPlan()

  private static func usage(_ number: Int, live: Int, of file: Int = 100) -> SegmentUsage {
    SegmentUsage(
      number: UInt32(number),
      fileBytes: file * 1000,
      liveBytes: live * 1000,
      liveRecords: live / 4
    )
  }

  @Test func nothingIsWorthItWhereAllIsLive() {
    #expect(plan.next(of: []) == nil)
    #expect(plan.next(of: [Self.usage(0, live: 98), Self.usage(1, live: 97)]) == nil)
    // Four fifths and more: within the factor.
    #expect(plan.next(of: [Self.usage(0, live: 84), Self.usage(1, live: 84)]) == nil)
  }

  @Test("Of every table of four segments the emptiest is chosen, if the whole has too much room")
  func everyTable() {
    let levels = [0, 10, 50, 80, 95, 100]
    for code in 0..<levels.count * levels.count * levels.count * levels.count {
      var rest = code
      let usage = (0..<4).map { number in
        defer { rest /= levels.count }
        return Self.usage(number, live: levels[rest % levels.count])
      }
      let live = usage.reduce(0) { $0 + $1.liveBytes }
      let isLoose = 400_000 > live * 6 / 5
      let emptiest = usage.min { ($0.liveBytes, $0.number) < ($1.liveBytes, $1.number) }
      #expect(plan.next(of: usage) == (isLoose ? emptiest : nil), "\(usage)")
      #expect(plan.next(of: usage.reversed()) == plan.next(of: usage))
    }
  }

  @Test("Moved as the plan says, any table ends within 1.2 times what is live", arguments: 1...50)
  func ends(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var usage = (0..<40).map { Self.usage($0, live: random.number(below: 97)) }
    var number: UInt32 = 40
    var moved = 0
    while let segment = plan.next(of: usage) {
      usage.removeAll { $0.number == segment.number }
      if segment.moveBytes > 0 {
        var fresh = segment
        fresh.number = number
        fresh.fileBytes = segment.moveBytes
        usage.append(fresh)
      }
      number += 1
      moved += 1
      if moved > 200 { break }
    }
    #expect(moved <= 40, "no segment is worth moving twice")
    let files = usage.reduce(0) { $0 + $1.fileBytes }
    let live = usage.reduce(0) { $0 + $1.liveBytes }
    #expect(Double(files) <= 1.2 * Double(live))
  }

  @Test func whatGainsNothingIsLeftAlone() {
    // Small records with many trims between them: to move them would only shift them about.
    let crowded = SegmentUsage(
      number: 0,
      fileBytes: 100_000,
      liveBytes: 60_000,
      liveRecords: 600,
      trimRanges: 900
    )
    #expect(crowded.gainBytes < 5000)
    #expect(plan.next(of: [crowded]) == nil)
  }
}
