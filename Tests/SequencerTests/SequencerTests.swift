// Goal: the sequencer does what rules R9 to R12 say, whatever comes in whatever order.
// Method: short scripts for each rule; then all sequences of a dozen events up to a depth, for two
// processes that are started anew, against the dumb model of the simulation.
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuSimulation

private let one = BootID(high: 1, low: 0)
private let two = BootID(high: 2, low: 0)

private func reign(
  _ epoch: UInt64,
  of boot: BootID = one,
  from first: UInt64 = 0,
  _ streams: StreamCensus = .empty
) -> Reign {
  Reign(epoch: Epoch(epoch), boot: boot, firstTail: Position(first), streams: streams)
}

/// What a token covers, or why there was none.
private func take(
  _ count: Int,
  of sequencer: inout Sequencer,
  in epoch: UInt64
) -> Result<Range<Int>, SequencerRefusal> {
  do {
    let token = try sequencer.reserve(count, for: [], in: Epoch(epoch))
    let begin = Int(token.first.number)
    return .success(begin..<begin + token.count)
  } catch {
    return .failure(error)
  }
}

@Suite struct SequencerTests {
  @Test("R9: a process that no layout has named hands out nothing")
  func nobodyAtFirst() throws {
    var sequencer = Sequencer(boot: one)
    #expect(take(1, of: &sequencer, in: 0) == .failure(.notInstalled))
    #expect(throws: SequencerRefusal.notInstalled) { try sequencer.tail(in: .zero) }
    #expect(sequencer.seal(.zero) == nil)
    try sequencer.install(reign(1, from: 5))
    #expect(take(2, of: &sequencer, in: 1) == .success(5..<7))
  }

  @Test("R9: a layout that names another boot is refused, and changes nothing")
  func otherBoot() throws {
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(1))
    let before = sequencer
    #expect(throws: SequencerRefusal.otherBoot(one)) { try sequencer.install(reign(2, of: two)) }
    #expect(sequencer == before)
  }

  @Test("R9: a second install of an epoch is a no-op, whatever it says")
  func secondInstall() throws {
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(3, from: 10))
    #expect(take(4, of: &sequencer, in: 3) == .success(10..<14))
    let before = sequencer
    for first: UInt64 in [0, 10, 14, 99] {
      try sequencer.install(reign(3, from: first))
      #expect(sequencer == before)
    }
    #expect(throws: SequencerRefusal.sealed(Epoch(3))) { try sequencer.install(reign(2)) }
    #expect(sequencer == before)
  }

  @Test("R9: nothing is served in a sealed epoch, not even after another install of it")
  func sealed() throws {
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(1))
    #expect(take(3, of: &sequencer, in: 1) == .success(0..<3))
    #expect(sequencer.seal(Epoch(1)) == Position(3))
    #expect(sequencer.seal(Epoch(1)) == Position(3))
    try sequencer.install(reign(1))
    #expect(take(1, of: &sequencer, in: 1) == .failure(.sealed(Epoch(1))))
    #expect(throws: SequencerRefusal.sealed(Epoch(1))) { try sequencer.tail(in: Epoch(1)) }
    // A late seal of an older epoch opens nothing.
    #expect(sequencer.seal(.zero) == Position(3))
    #expect(take(1, of: &sequencer, in: 1) == .failure(.sealed(Epoch(1))))
  }

  @Test("R9: a seal that comes before the install wins")
  func sealedBeforehand() throws {
    var sequencer = Sequencer(boot: one)
    #expect(sequencer.seal(Epoch(2)) == nil)
    #expect(throws: SequencerRefusal.sealed(Epoch(2))) { try sequencer.install(reign(2)) }
    try sequencer.install(reign(3))
    #expect(take(1, of: &sequencer, in: 3) == .success(0..<1))
  }

  @Test("R10: a token is good for the epoch that was asked for, which must be the one served")
  func epochs() throws {
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(5))
    #expect(take(1, of: &sequencer, in: 4) == .failure(.sealed(Epoch(4))))
    #expect(take(1, of: &sequencer, in: 6) == .failure(.behind(Epoch(5))))
    #expect(take(1, of: &sequencer, in: 5) == .success(0..<1))
    let token = try sequencer.reserve(2, for: [], in: Epoch(5))
    #expect(token.epoch == Epoch(5))
  }

  @Test("R11: a reign begins behind all that is taken, on whichever replica, and never goes back")
  func firstTail() {
    func tail(_ first: UInt64, _ old: UInt64?, _ highest: [UInt64?], mark: UInt64 = 0) -> UInt64 {
      let replicas = highest.map {
        ReplicaEnd(highest: $0.map { Position($0) }, trimMark: Position(mark))
      }
      let end = ReignEnd(
        firstTail: Position(first),
        sequencerTail: old.map { Position($0) },
        replicas: replicas
      )
      return Sequencer.firstTail(after: end).number
    }
    #expect(tail(0, nil, []) == 0)
    #expect(tail(0, nil, [nil, nil]) == 0)
    // The head of a chain has more than its tail, and one chain more than another.
    #expect(tail(0, nil, [7, 3, nil]) == 8)
    #expect(tail(0, nil, [3, 7]) == 8)
    #expect(tail(0, nil, [0]) == 1)
    // Nothing was written since the layout before.
    #expect(tail(20, nil, [7]) == 20)
    // Tokens that nobody used: the tail that was told must not go back.
    #expect(tail(5, 30, [7]) == 30)
    #expect(tail(5, 6, [7]) == 8)
    // Everything was trimmed away.
    #expect(tail(0, nil, [nil], mark: 12) == 12)
    // Behind the last position there is none, and nothing traps.
    #expect(tail(0, nil, [Position.max.number]) == Position.max.number + 1)
  }

  @Test("R11: a boot that goes on in a newer epoch never goes back, whatever the layout says")
  func sameBootGoesOn() throws {
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(1))
    #expect(take(9, of: &sequencer, in: 1) == .success(0..<9))
    try sequencer.install(reign(2, from: 4))
    #expect(take(1, of: &sequencer, in: 1) == .failure(.sealed(Epoch(1))))
    #expect(take(1, of: &sequencer, in: 2) == .success(9..<10))
  }

  @Test("Counts out of range and the end of all positions are refused, and nothing traps")
  func limits() throws {
    let last = Position.max.number
    var sequencer = Sequencer(boot: one)
    #expect(throws: SequencerRefusal.positionsUsedUp) {
      try sequencer.install(reign(1, from: last + 1))
    }
    try sequencer.install(reign(1, from: last - 3))
    for count in [Int.min, -1, 0, Token.countMax + 1, Int.max] {
      #expect(take(count, of: &sequencer, in: 1) == .failure(.countOutOfRange(count)))
    }
    #expect(take(4, of: &sequencer, in: 1) == .failure(.positionsUsedUp))
    #expect(take(3, of: &sequencer, in: 1) == .success(Int(last) - 3..<Int(last)))
    #expect(take(1, of: &sequencer, in: 1) == .failure(.positionsUsedUp))
    let many = (0...UInt64(Token.streamsMax)).map { StreamID($0) }
    #expect(throws: SequencerRefusal.tooManyStreams(many.count)) {
      try sequencer.reserve(1, for: many, in: Epoch(1))
    }
  }

  @Test("A token leads its entries to each other first, and then to those before it (R31)")
  func links() throws {
    let stream = StreamID(7)
    var sequencer = Sequencer(boot: one)
    try sequencer.install(
      reign(1, from: 10, StreamCensus([stream: [Position(4)]], isComplete: true))
    )
    let token = try sequencer.reserve(6, for: [stream, stream], in: Epoch(1))
    let previous = (0..<6).map { token.links(ofEntry: $0).map(\.previous) }
    let expected: [[UInt64]] = [
      [4], [10, 4], [11, 10, 4], [12, 11, 10, 4], [13, 12, 11, 10], [14, 13, 12, 11],
    ]
    #expect(previous == expected.map { [$0.map { Position($0) }] })
    let next = try sequencer.streamTails(of: [stream, StreamID(8)], in: Epoch(1))
    #expect(next.map(\.previous) == [[15, 14, 13, 12].map { Position($0) }, []])
  }

  @Test("What was before a token is unknown until its own entries suffice (R12)")
  func unknownLinks() throws {
    let stream = StreamID(7)
    var sequencer = Sequencer(boot: one)
    try sequencer.install(reign(1, from: 10, .unknown))
    let token = try sequencer.reserve(6, for: [stream], in: Epoch(1))
    let isKnown = (0..<6).map { token.links(ofEntry: $0)[0].previous != nil }
    #expect(isKnown == [false, false, false, false, true, true])
  }
}

/// Everything that may happen, in every order.
@Suite struct SequencerOrders {
  private enum Event: CaseIterable {
    case reserve, reserveTwo, reserveOld, reserveNext
    case sealNow, sealOld
    case installAgain, installOld
    case nextReignHere, nextReignThere
    case restartHere, restartThere
  }

  private struct State {
    var sources: [Sequencer]
    var models: [SequencerModel]
    var reigns: [Reign]
    var boots: UInt64 = 2
    /// The epoch in which each position was handed out; all of them are taken to be written.
    var given: [UInt64: UInt64] = [:]
    var tokens = 0
    var events: [Event] = []

    init() {
      sources = [Sequencer(boot: one), Sequencer(boot: two)]
      models = [SequencerModel(boot: one), SequencerModel(boot: two)]
      reigns = []
      begin(at: 0)
    }

    var epoch: UInt64 { reigns[reigns.count - 1].epoch.number }

    mutating func begin(at index: Int) {
      let before = reigns.last
      var end = ReignEnd(firstTail: before?.firstTail ?? .zero, replicas: [])
      for (source, model) in zip(sources.indices, models.indices) {
        // Whoever reigned answers, unless its process was started anew.
        if let before, models[model].boot == before.boot {
          end.sequencerTail = sources[source].seal(before.epoch)
          expect(models[model].seal(before.epoch) == end.sequencerTail, "the seals differ")
        }
      }
      // A unit has what was handed out, since all of it may have been written.
      let highest = given.keys.max()
      end.replicas = [ReplicaEnd(highest: highest.map { Position($0) })]
      let number = (before?.epoch.number ?? 0) + 1
      let tail = Sequencer.firstTail(after: end).number
      reigns.append(reign(number, of: models[index].boot, from: tail))
      install(reigns[reigns.count - 1], at: index)
    }

    mutating func install(_ reign: Reign, at index: Int) {
      var refusal: SequencerRefusal?
      do {
        try sources[index].install(reign)
      } catch {
        refusal = error
      }
      expect(refusal == models[index].refusal(of: reign), "install: \(String(describing: refusal))")
      models[index].install(reign)
    }

    mutating func reserve(_ count: Int, in epoch: UInt64) {
      for index in sources.indices {
        let expected = models[index].refusal(of: count, for: [], in: Epoch(epoch))
        switch take(count, of: &sources[index], in: epoch) {
        case .failure(let refusal): expect(refusal == expected, "reserve: \(refusal)")
        case .success(let range):
          expect(expected == nil, "a token, where there should be none")
          tokens += 1
          for position in range {
            let isNew = given[UInt64(position)] == nil
            expect(isNew, "\(position) was handed out before")
            given[UInt64(position)] = epoch
          }
          models[index].reserve(count, for: [])
        }
      }
    }

    /// Cheaper than the macro where all is well, which is nearly always.
    func expect(_ condition: Bool, _ comment: @autoclosure () -> String) {
      if !condition { Issue.record("\(comment()), after \(events)") }
    }

    mutating func restart(_ index: Int) {
      boots += 1
      let boot = BootID(high: boots, low: 0)
      sources[index] = Sequencer(boot: boot)
      models[index] = SequencerModel(boot: boot)
    }

    mutating func happen(_ event: Event) {
      events.append(event)
      switch event {
      case .reserve: reserve(1, in: epoch)
      case .reserveTwo: reserve(2, in: epoch)
      case .reserveOld: reserve(1, in: epoch - 1)
      case .reserveNext: reserve(1, in: epoch + 1)
      case .sealNow, .sealOld:
        let sealed = Epoch(event == .sealNow ? epoch : epoch - 1)
        for index in sources.indices {
          let tail = sources[index].seal(sealed)
          expect(tail == models[index].seal(sealed), "the seals differ")
        }
      case .installAgain, .installOld:
        let reign = event == .installAgain ? reigns[reigns.count - 1] : reigns[0]
        for index in sources.indices { install(reign, at: index) }
      case .nextReignHere: begin(at: 0)
      case .nextReignThere: begin(at: 1)
      case .restartHere: restart(0)
      case .restartThere: restart(1)
      }
    }
  }

  @Test("R9, R11: whatever happens in whatever order, no position is handed out twice")
  func allOrders() {
    var tokens = 0
    var orders = 0
    func explore(_ state: State, _ depth: Int) {
      if depth == 0 {
        orders += 1
        tokens += state.tokens
        return
      }
      for event in Event.allCases {
        var next = state
        next.happen(event)
        explore(next, depth - 1)
      }
    }
    explore(State(), 5)
    #expect(orders == 248_832)
    #expect(tokens > orders / 2)
  }
}
