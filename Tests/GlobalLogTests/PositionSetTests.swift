// Goal: the set of ranges and the table of positions are what a plain set and dictionary are.
// Method: the same random operations on both.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct PositionSetTests {
  /// Few or many ranges in order, apart from each other.
  private static func ranges(
    _ random: inout SeededGenerator,
    from lower: UInt64
  ) -> [Range<Position>] {
    var next = lower / 2
    return (0..<random.number(in: 0...14)).map { _ in
      let begin = next + 1 + UInt64(random.number(below: 4))
      next = begin + 1 + UInt64(random.number(below: 3))
      return Position(begin)..<Position(next)
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func likeAPlainSet(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var set = PositionSet()
    var model: Set<UInt64> = []
    for _ in 0..<300 {
      let lower = UInt64(random.number(below: 120))
      switch random.number(below: 10) {
      case 0:
        set.removeAll(before: Position(lower / 2))
        model = model.filter { $0 >= lower / 2 }
      case 1..<4:
        let upper = lower + UInt64(random.number(below: 9))
        set.insert(Position(lower)..<Position(upper))
        model.formUnion(lower..<upper)
        #expect(set.contains(Position(lower)..<Position(upper)))
      case 4:
        let ranges = Self.ranges(&random, from: lower)
        set.remove(contentsOf: ranges)
        model = model.filter { number in !ranges.contains { $0.contains(Position(number)) } }
      case 5:
        let ranges = Self.ranges(&random, from: lower)
        set.insert(contentsOf: ranges.reversed())
        for range in ranges { model.formUnion(range.lowerBound.number..<range.upperBound.number) }
      default:
        set.insert(Position(lower))
        model.insert(lower)
      }
      #expect(set.count == model.count)
      #expect((0..<140).allSatisfy { set.contains(Position($0)) == model.contains($0) })
      let part = Position(lower)..<Position(lower + 20)
      let found = set.intersection(part).reduce(0) { $0 + $1.count }
      #expect(found == model.count { part.contains(Position($0)) })
      #expect(set.contains(part) == (found == 20))
      let ranges = set.ranges
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      #expect(ranges.allSatisfy { !$0.isEmpty })
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func tableLikeAPlainDictionary(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = PositionTable<Int>()
    var model: [UInt64: Int] = [:]
    let stride = UInt64(1 << random.number(below: 40))
    for step in 0..<2000 {
      let key = UInt64(random.number(below: 300)) * stride
      if random.chance(0.4) {
        table.remove(Position(key))
        model[key] = nil
      } else {
        table.set(step, at: Position(key))
        model[key] = step
      }
      #expect(table.count == model.count)
    }
    for key in 0..<300 as Range<UInt64> {
      #expect(table[Position(key * stride)] == model[key * stride])
    }
    #expect(table.values.sorted() == model.values.sorted())
  }
}

@Test func everyPositionEqualsItselfAlone() {
  // Also those beyond what a log may use: a message may hold them.
  let numbers: [UInt64] = [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max]
  for one in numbers {
    for other in numbers { #expect((Position(one) == Position(other)) == (one == other)) }
  }
}
