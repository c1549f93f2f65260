import CorfuSimulation
import Testing

// Goal: the numbers never change, for every stored seed would come to mean another run.

@Test func theNumbersAreSplitMix64() {
  // The first numbers of the published reference implementation for this seed.
  var generator = SeededGenerator(seed: 1_234_567)
  let numbers = (0..<3).map { _ in generator.next() }
  #expect(
    numbers == [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    ]
  )
}

@Test func numbersStayInTheirRangeAndFillIt() {
  var generator = SeededGenerator(seed: 1)
  var seen: Set<Int> = []
  for _ in 0..<1000 { seen.insert(generator.number(in: -2...2)) }
  #expect(seen == [-2, -1, 0, 1, 2])
  var hits = 0
  for _ in 0..<10_000 where generator.chance(0.25) { hits += 1 }
  #expect((2300...2700).contains(hits))
  for _ in 0..<1000 {
    let time = generator.duration(in: .microseconds(1)...(.microseconds(2)))
    #expect(time >= .microseconds(1) && time <= .microseconds(2))
  }
  let nothing = generator.element(of: [Int]())
  #expect(nothing == nil)
}

@Test func aRateOfZeroDrawsToo() {
  var never = SeededGenerator(seed: 5)
  var always = SeededGenerator(seed: 5)
  let outcomes = [never.chance(0), always.chance(1)]
  #expect(outcomes == [false, true])
  #expect(never == always)
}
