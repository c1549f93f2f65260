// Goal: the silent are suspected in time, and one who comes and goes keeps nobody busy. Method: a
// script of answers.
import CorfuClient
import CorfuStripeMirror
import Testing

private let one = NodeID(1)
private let two = NodeID(2)

/// A detector with a clock that ticks every 100 ms.
private struct Watch {
  var detector = FailureDetector(silenceMax: .milliseconds(800))
  var now = Duration.zero
  /// When node 2 was suspected.
  var suspicions: [Duration] = []

  /// Ticks while node 2 answers, or does not.
  mutating func tick(
    _ count: Int,
    answering isThere: Bool,
    after roundTrip: Duration = .microseconds(300)
  ) {
    for _ in 0..<count {
      let suspected = detector.suspect(at: now)
      if suspected == [two] { suspicions.append(now) } else { #expect(suspected == []) }
      for node in [one, two] { detector.ask(node, at: now) }
      detector.hear(one, after: .microseconds(300), at: now)
      if isThere { detector.hear(two, after: roundTrip, at: now) }
      now += .milliseconds(100)
    }
  }
}

struct FailureDetectorTests {
  @Test func theSilentAreSuspectedOnceAndInTime() {
    var watch = Watch()
    watch.tick(10, answering: true)
    watch.tick(8, answering: false)
    #expect(watch.detector.suspects == [])
    watch.tick(30, answering: false)
    // At 1000 ms it was asked, and has not answered since.
    #expect(watch.suspicions == [.milliseconds(1800)])
    #expect(watch.detector.suspects == [two])
    watch.tick(1, answering: true)
    #expect(watch.detector.suspects == [])
  }

  @Test func whoWasNeverHeardOfIsSuspectedLikeAnybody() {
    var watch = Watch()
    watch.tick(20, answering: false)
    #expect(watch.suspicions == [.milliseconds(800)])
  }

  @Test func whoComesAndGoesIsGivenLongerAndLonger() {
    var watch = Watch()
    watch.tick(1, answering: true)
    var silences: [Duration] = []
    for _ in 0..<7 {
      let asked = watch.now
      let count = watch.suspicions.count
      while watch.suspicions.count == count { watch.tick(1, answering: false) }
      silences.append((watch.suspicions.last ?? .zero) - asked)
      watch.tick(1, answering: true)
    }
    let multiples = [1, 2, 4, 8, 16, 16, 16]
    #expect(silences == multiples.map { .milliseconds(800 * $0) })
    // Well for a long time: trusted as before.
    watch.tick(16 * 4 * 8 + 2, answering: true)
    let asked = watch.now
    watch.tick(10, answering: false)
    #expect(watch.suspicions.last == asked + .milliseconds(800))
  }

  @Test func whoIsSlowMayBeSilentForLonger() {
    var watch = Watch()
    watch.tick(200, answering: true, after: .seconds(1))
    let asked = watch.now
    watch.tick(60, answering: false)
    let silence = (watch.suspicions.last ?? .zero) - asked
    #expect(silence >= .seconds(4) && silence < .milliseconds(4500), "\(silence)")
    #expect(watch.detector.answerTime(of: two) >= .seconds(1))
    // And fast again: trusted for no longer than others.
    watch.tick(400, answering: true)
    let again = watch.now
    watch.tick(20, answering: false)
    #expect((watch.suspicions.last ?? .zero) - again <= .milliseconds(1700))
  }

  @Test func whoIsNoLongerAskedIsForgotten() {
    var watch = Watch()
    watch.tick(20, answering: false)
    #expect(watch.detector.suspects == [two])
    watch.detector.forget(except: [one])
    #expect(watch.detector.suspects == [])
    watch.tick(8, answering: false)
    #expect(watch.suspicions.count == 1)
  }
}

struct ProbationTests {
  @Test func eachReturnWaitsTwiceAsLongUpToABound() {
    var probation = Probation(pauseMin: .seconds(1), pauseMax: .seconds(10))
    var now = Duration.seconds(5)
    var pauses: [Duration] = []
    for _ in 0..<7 {
      probation.leave(two, at: now)
      let begin = now
      while probation.held(at: now) == [two] { now += .milliseconds(100) }
      #expect(probation.held(at: now) == [])
      pauses.append(now - begin)
    }
    #expect(pauses == [0, 1, 2, 4, 8, 10, 10].map { .seconds($0) })
    // Nobody else waits for that.
    probation.leave(one, at: now)
    #expect(probation.held(at: now) == [])
    // Well for a long time: trusted as before.
    now += .seconds(57)
    probation.leave(two, at: now)
    #expect(probation.held(at: now) == [])
  }
}
