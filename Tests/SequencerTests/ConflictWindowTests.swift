import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import Testing

/// Goal: a transaction is refused if something that it read has moved, for that reason; if nobody
/// can say, for that reason; and never otherwise (R34, R37).
///
/// Method: random writes and questions, held against a list of all writes; windows of every size
/// from one write on.
@Suite("Conflict window")
struct ConflictWindowTests {
  static let streams = [StreamID(2), StreamID(4)]
  static let epoch = Epoch(3)

  @Test("R34, R37: judged as by somebody who remembers all", arguments: [1, 2, 3, 5, 8, 1000])
  func againstAllWrites(writesMax: Int) {
    var random = SeededGenerator(seed: UInt64(writesMax))
    for _ in 0..<300 {
      var window = ConflictWindow(writesMax: writesMax)
      window.begin(Self.epoch, at: Position(10), goesOn: false)
      var written: [(position: Position, keys: [StreamKeys])] = []
      var forgottenBefore = Position(10)
      for number in 0..<12 {
        let position = Position(UInt64(10 + number))
        let keys = Self.someKeys(&random)
        window.note(keys, at: position..<position.advanced(by: 1))
        written.append((position, keys))
        forgottenBefore = max(forgottenBefore, Self.forgotten(written, writesMax))
        let snapshot = Position(UInt64(random.number(below: number + 4) + 8))
        let reads = Self.someKeys(&random)
        let verdict = window.judge(
          CommitCondition(
            snapshot: Snapshot(epoch: Self.epoch, position: snapshot),
            reads: reads
          )
        )
        let moved = written.filter { $0.position >= snapshot && Self.meet($0.keys, reads) }
        switch verdict {
        case nil:
          #expect(moved.isEmpty && snapshot >= forgottenBefore)
        case .conflict(let stream, _, let at)?:
          #expect(moved.contains { $0.position == at && $0.keys.contains { $0.stream == stream } })
        case .forgotten(let floor)?:
          #expect(floor == forgottenBefore && snapshot < floor)
          // What it remembers of conflicts it would have told.
          #expect(moved.allSatisfy { $0.position < floor })
        case .newSequencer?:
          Issue.record("nobody took over")
        }
      }
    }
  }

  @Test("R34: an entry without keys moves all of its stream, and one with keys no others")
  func keys() {
    let stream = Self.streams[0]
    var window = ConflictWindow(writesMax: 100)
    window.begin(Self.epoch, at: .zero, goesOn: false)
    func verdict(_ reads: StreamKeys, at position: UInt64) -> CommitRefusal? {
      let snapshot = Snapshot(epoch: Self.epoch, position: Position(position))
      return window.judge(CommitCondition(snapshot: snapshot, reads: [reads]))
    }
    window.note([StreamKeys(stream, keys: [[1]])], at: Position(5)..<Position(6))
    let conflict = CommitRefusal.conflict(stream, key: [1], at: Position(5))
    #expect(verdict(StreamKeys(stream, keys: [[1]]), at: 5) == conflict)
    #expect(verdict(StreamKeys(stream, keys: [[1]]), at: 6) == nil)
    #expect(verdict(StreamKeys(stream, keys: [[2]]), at: 0) == nil)
    #expect(verdict(StreamKeys(stream), at: 5) == .conflict(stream, key: nil, at: Position(5)))
    window.note([StreamKeys(stream)], at: Position(6)..<Position(9))
    // Whoever has seen some entries of a token and not all has missed something.
    let all = CommitRefusal.conflict(stream, key: nil, at: Position(8))
    #expect(verdict(StreamKeys(stream, keys: [[2]]), at: 8) == all)
    #expect(verdict(StreamKeys(stream, keys: [[2]]), at: 9) == nil)
    #expect(verdict(StreamKeys(Self.streams[1]), at: 0) == nil)
  }

  @Test("R37: after another sequencer took over, what was read before is refused; a boot goes on")
  func reigns() {
    let stream = Self.streams[0]
    var window = ConflictWindow(writesMax: 100)
    window.begin(Epoch(3), at: .zero, goesOn: false)
    window.note([StreamKeys(stream, keys: [[1]])], at: Position(5)..<Position(6))
    let old = CommitCondition(
      snapshot: Snapshot(epoch: Epoch(3), position: Position(6)),
      reads: [StreamKeys(stream, keys: [[1]])]
    )
    window.begin(Epoch(4), at: Position(7), goesOn: true)
    #expect(window.judge(old) == nil)
    window.note([StreamKeys(stream, keys: [[1]])], at: Position(7)..<Position(8))
    #expect(window.judge(old) == .conflict(stream, key: [1], at: Position(7)))
    window.begin(Epoch(5), at: Position(9), goesOn: false)
    #expect(window.judge(old) == .newSequencer(since: Epoch(5)))
    let early = Snapshot(epoch: Epoch(5), position: Position(8))
    #expect(
      window.judge(CommitCondition(snapshot: early, reads: [StreamKeys(stream)]))
        == .forgotten(Position(9))
    )
  }

  @Test("Memory: however many keys are written, no more are remembered than allowed")
  func bounded() {
    var window = ConflictWindow(writesMax: 50)
    window.begin(Self.epoch, at: .zero, goesOn: false)
    for number in 0..<10_000 {
      let position = Position(UInt64(number))
      let keys = (0..<(number % 7)).map { [UInt8($0), UInt8(number % 251)] }
      let writes = [StreamKeys(Self.streams[0], keys: keys)]
      window.note(writes, at: position..<position.advanced(by: 1))
      #expect(window.count <= 50)
    }
  }

  @Test("R34: a key of 64 bytes is compared as it is, and a longer one by a digest of nine")
  func longKeys() {
    let stream = Self.streams[0]
    let short = [UInt8](repeating: 7, count: KeyDigest.keyBytesMax)
    // They differ in the last byte, in a byte within, and in how many zeros there are at the end.
    var within = short + [0]
    within[9] = 8
    let large = [UInt8](repeating: 0, count: 1 << 20)
    let long = [short + [0], short + [1], within, short + [0, 0], short + large]
    let keys = StreamKeys(stream, keys: [short] + long)
    #expect(keys.keys?.first == short)
    #expect(keys.keys?.map(\.count) == [64, 9, 9, 9, 9, 9])
    #expect(Set(keys.keys ?? []).count == 6)
    // The same bytes have the same digest, and that is its own.
    #expect(StreamKeys(stream, keys: [short] + long) == keys)
    #expect(StreamKeys(stream, keys: keys.keys) == keys)
    // No key in canonical form begins like that.
    #expect(keys.keys?.dropFirst().allSatisfy { $0.first == 0xff } == true)

    var window = ConflictWindow(writesMax: 100)
    window.begin(Self.epoch, at: .zero, goesOn: false)
    window.note([StreamKeys(stream, keys: [long[0]])], at: Position(5)..<Position(6))
    let snapshot = Snapshot(epoch: Self.epoch, position: .zero)
    for (index, key) in long.enumerated() {
      let reads = [StreamKeys(stream, keys: [key])]
      let refusal = window.judge(CommitCondition(snapshot: snapshot, reads: reads))
      let conflict = CommitRefusal.conflict(stream, key: keys.keys?[1], at: Position(5))
      #expect(refusal == (index == 0 ? conflict : nil))
    }
  }

  // MARK: - What a log would know

  static func someKeys(_ random: inout SeededGenerator) -> [StreamKeys] {
    streams.prefix(random.number(below: 2) + 1).map { stream in
      if random.number(below: 4) == 0 { return StreamKeys(stream) }
      let count = random.number(in: 1...3)
      return StreamKeys(stream, keys: (0..<count).map { _ in [UInt8(random.number(below: 3))] })
    }
  }

  /// Whether a write moves something that was read.
  static func meet(_ writes: [StreamKeys], _ reads: [StreamKeys]) -> Bool {
    writes.contains { write in
      reads.contains { read in
        guard write.stream == read.stream else { return false }
        guard let written = write.keys, let wanted = read.keys else { return true }
        return !Set(written).isDisjoint(with: wanted)
      }
    }
  }

  /// From where on a window of some writes remembers everything.
  static func forgotten(
    _ written: [(position: Position, keys: [StreamKeys])],
    _ writesMax: Int
  ) -> Position {
    var room = writesMax
    for write in written.reversed() {
      // A stream as a whole counts like a key, and so does "all of its keys".
      room -= write.keys.reduce(0) { $0 + 1 + ($1.keys?.count ?? 1) }
      if room < 0 { return write.position.advanced(by: 1) }
    }
    return .zero
  }
}
