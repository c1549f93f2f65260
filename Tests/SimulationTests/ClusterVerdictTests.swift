// Goal: each judge of a cluster's history can say no. Method: small histories, one fault each, and
// the same without it.
import CorfuGlobalLog
import CorfuSimulation
import Testing

struct ClusterVerdictTests {
  /// A history in the making: every call takes a moment of its own.
  private final class Story {
    let history = ClusterHistory()
    let client = ClientID(high: 1, low: 2)
    private(set) var entries: [Slot] = []

    /// Begins an append.
    func begin() -> Int {
      let (number, payload) = history.begin(
        appendBy: client,
        byteCount: 12,
        at: history.moment()
      )
      let mark = EntryMark(client: client, sequence: UInt64(number))
      entries.append(.data(Entry(mark: mark, payload: payload)))
      return number
    }

    /// Appends an entry, acknowledged at a position.
    @discardableResult
    func append(at position: UInt64) -> Int {
      let number = begin()
      history.end(append: number, .stands(Position(position)))
      return number
    }

    func saw(_ slot: Slot, at position: UInt64, since moment: Int? = nil) {
      history.saw(slot, at: Position(position), since: moment ?? history.moment())
    }

    func saw(_ slot: Slot, at position: UInt64, in epoch: UInt64) {
      history.saw(
        slot,
        at: Position(position),
        since: history.moment(),
        from: Epoch(epoch),
        to: Epoch(epoch)
      )
    }

    func saw(tail: UInt64, since moment: Int? = nil) {
      history.saw(
        tail: Position(tail),
        isSettled: true,
        since: moment ?? history.moment()
      )
    }

    func trim(_ positions: Range<UInt64>) {
      let range = Position(positions.lowerBound)..<Position(positions.upperBound)
      history.end(trim: history.begin(trimOf: range))
    }

    func verdict(isHonest: Bool = true) -> String? {
      ClusterVerdict(on: history, isHonest: isHonest).violation
    }
  }

  private func verdict(isHonest: Bool = true, _ tell: (Story) -> Void) -> String? {
    let story = Story()
    tell(story)
    return story.verdict(isHonest: isHonest)
  }

  @Test("I1: a position has one value")
  func twoFaces() {
    #expect(
      verdict { story in
        let number = story.append(at: 3)
        story.saw(story.entries[number], at: 3)
      } == nil
    )
    #expect(
      verdict { story in
        story.append(at: 3)
        story.saw(.junk, at: 3)
      }?.contains("I1") == true
    )
    #expect(
      verdict { story in
        story.append(at: 3)
        story.append(at: 3)
      }?.contains("I1") == true
    )
  }

  @Test("What nobody wrote is noticed at once")
  func inventions() {
    let mark = EntryMark(client: ClientID(high: 7, low: 7), sequence: 0)
    #expect(
      verdict { story in
        _ = story.begin()
        let payload: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 8, 9, 10, 11]
        story.saw(.data(Entry(mark: mark, payload: payload)), at: 0)
      }?.contains("nobody wrote") == true
    )
    #expect(
      verdict { story in
        _ = story.begin()
        let own = EntryMark(client: story.client, sequence: 0)
        story.saw(.data(Entry(mark: own, payload: [UInt8](repeating: 0, count: 12))), at: 0)
      }?.contains("nobody wrote") == true
    )
  }

  @Test("I2: what was acknowledged or seen is there for who asks later, and only for them")
  func losses() {
    #expect(
      verdict { story in
        let before = story.history.moment()
        story.append(at: 0)
        story.saw(.empty, at: 0, since: before)
      } == nil
    )
    #expect(
      verdict { story in
        story.append(at: 0)
        story.saw(.empty, at: 0)
      }?.contains("I2") == true
    )
    #expect(
      verdict { story in
        story.saw(.junk, at: 0)
        story.saw(.empty, at: 0)
      }?.contains("I2") == true
    )
  }

  @Test("R20: trimmed is final, and somebody must have trimmed")
  func trims() {
    #expect(
      verdict { story in
        story.append(at: 5)
        story.trim(0..<6)
        story.saw(.trimmed, at: 5)
      } == nil
    )
    #expect(verdict { $0.saw(.trimmed, at: 5) }?.contains("nobody trimmed") == true)
    #expect(
      verdict { story in
        let number = story.append(at: 5)
        story.trim(5..<6)
        story.saw(story.entries[number], at: 5)
      }?.contains("which was trimmed") == true
    )
    #expect(
      verdict { story in
        let number = story.append(at: 5)
        story.trim(0..<9)
        story.saw(story.entries[number], at: 5)
      }?.contains("which was trimmed") == true
    )
    #expect(
      verdict { story in
        let number = story.append(at: 5)
        _ = story.history.begin(trimOf: Position(5)..<Position(6))
        story.saw(.trimmed, at: 5)
        story.saw(story.entries[number], at: 5)
      }?.contains("which was trimmed") == true
    )
    #expect(
      verdict { story in
        story.saw(.junk, at: 5)
        story.trim(5..<6)
        story.saw(.empty, at: 5)
      } != nil
    )
  }

  @Test("R20: an entry is seen after its trim in an older epoch alone")
  func trimsOfEpochs() {
    /// Somebody trims in an epoch, or hears "trimmed" in it; then another sees the entry in one.
    func verdict(trimmed: UInt64, seen: UInt64, isHeard: Bool) -> String? {
      self.verdict { story in
        let number = story.append(at: 5)
        let positions = Position(5)..<Position(6)
        let trim = story.history.begin(trimOf: positions)
        if isHeard {
          story.saw(.trimmed, at: 5, in: trimmed)
        } else {
          story.history.end(trim: trim, in: Epoch(trimmed))
        }
        story.saw(story.entries[number], at: 5, in: seen)
      }
    }
    for isHeard in [false, true] {
      #expect(verdict(trimmed: 4, seen: 3, isHeard: isHeard) == nil)
      for seen in [4, 5] as [UInt64] {
        let fault = verdict(trimmed: 4, seen: seen, isHeard: isHeard)
        #expect(fault?.contains("which was trimmed") == true)
      }
    }
  }

  @Test("I3 and R16: an append stands once, and where it was said to stand")
  func duplicates() {
    #expect(
      verdict { story in
        let number = story.append(at: 1)
        story.saw(story.entries[number], at: 2)
      }?.contains("I3") == true
    )
    #expect(
      verdict { story in
        let number = story.begin()
        story.history.end(append: number, .nowhere)
        story.saw(story.entries[number], at: 2)
      }?.contains("said to be nowhere") == true
    )
    #expect(
      verdict { story in
        let number = story.begin()
        story.history.end(append: number, .indefinite(Position(3)))
        story.saw(story.entries[number], at: 2)
      }?.contains("if anywhere") == true
    )
    #expect(
      verdict { story in
        let number = story.begin()
        story.history.end(append: number, .indefinite(Position(2)))
        story.saw(story.entries[number], at: 2)
      } == nil
    )
  }

  @Test("I4: who begins later stands behind, unless the sequencer lies")
  func order() {
    func tell(_ story: Story) {
      story.append(at: 4)
      story.append(at: 3)
    }
    #expect(verdict(tell)?.contains("I4") == true)
    #expect(verdict(isHonest: false, tell) == nil)
    #expect(
      verdict { story in
        let slow = story.begin()
        story.append(at: 4)
        story.history.end(append: slow, .stands(Position(3)))
      } == nil
    )
  }

  @Test("R19: the tail is behind what was acknowledged, and never goes back")
  func tails() {
    #expect(
      verdict { story in
        story.append(at: 4)
        story.saw(tail: 5)
        story.saw(tail: 5)
      } == nil
    )
    func short(_ story: Story) {
      story.append(at: 4)
      story.saw(tail: 4)
    }
    #expect(verdict(short)?.contains("R19") == true)
    #expect(verdict(isHonest: false, short) == nil)
    #expect(
      verdict { story in
        story.saw(tail: 5)
        story.saw(tail: 4)
      }?.contains("R19") == true
    )
    #expect(
      verdict { story in
        let before = story.history.moment()
        story.saw(tail: 5)
        story.saw(tail: 4, since: before)
      } == nil
    )
  }

  @Test("I9: a subscription is the log, in order, without gaps")
  func gaps() {
    func verdict(delivering positions: [UInt64]) -> String? {
      self.verdict { story in
        for position in 0..<4 { story.append(at: UInt64(position)) }
        let number = story.history.begin(subscriptionFrom: .zero)
        for position in positions {
          guard case .data(let entry) = story.entries[Int(position)] else { continue }
          story.history.delivered(entry, at: Position(position), to: number)
        }
      }
    }
    #expect(verdict(delivering: [0, 1, 2, 3]) == nil)
    #expect(verdict(delivering: [0, 1]) == nil)
    #expect(verdict(delivering: [0, 2])?.contains("never 1") == true)
    #expect(verdict(delivering: [1, 2])?.contains("never 0") == true)
    #expect(verdict(delivering: [0, 1, 1])?.contains("after") == true)
    #expect(
      self.verdict { story in
        story.append(at: 0)
        story.append(at: 1)
        let number = story.history.begin(subscriptionFrom: .zero)
        guard case .data(let entry) = story.entries[1] else { return }
        story.history.delivered(entry, at: .zero, to: number)
      } != nil
    )
  }
}
