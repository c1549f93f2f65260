// Goal: the silent are suspected in time, and one who comes and goes keeps nobody busy. Method: a
// script of answers.
import Corfu
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
  mutating func tick(_ count: Int, answering isThere: Bool) {
    for _ in 0..<count {
      let suspected = detector.observe(
        heard: isThere ? [one, two] : [one],
        silent: isThere ? [] : [two],
        at: now
      )
      if suspected == [two] { suspicions.append(now) } else { #expect(suspected == []) }
      now += .milliseconds(100)
    }
  }
}

struct FailureDetectorTests {
  @Test func theSilentAreSuspectedOnceAndInTime() {
    var watch = Watch()
    watch.tick(10, answering: true)
    watch.tick(7, answering: false)
    #expect(watch.detector.suspects == [])
    watch.tick(30, answering: false)
    // Last heard of at 900 ms.
    #expect(watch.suspicions == [.milliseconds(1700)])
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
      let heard = watch.now - .milliseconds(100)
      let count = watch.suspicions.count
      while watch.suspicions.count == count { watch.tick(1, answering: false) }
      silences.append((watch.suspicions.last ?? .zero) - heard)
      watch.tick(1, answering: true)
    }
    let multiples = [1, 2, 4, 8, 16, 16, 16]
    #expect(silences == multiples.map { .milliseconds(800 * $0) })
    // Well for a long time: trusted as before.
    watch.tick(16 * 4 * 8 + 2, answering: true)
    let heard = watch.now - .milliseconds(100)
    watch.tick(9, answering: false)
    #expect(watch.suspicions.last == heard + .milliseconds(800))
  }

  @Test func whoIsNoLongerAskedIsForgotten() {
    var watch = Watch()
    watch.tick(20, answering: false)
    #expect(watch.detector.suspects == [two])
    watch.detector.forget(except: [one])
    #expect(watch.detector.suspects == [])
    watch.tick(7, answering: false)
    #expect(watch.suspicions.count == 1)
  }
}
