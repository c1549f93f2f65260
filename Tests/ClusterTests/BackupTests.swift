// Goal: a backup has what stood in the log at one moment, and a cluster restored from it is the
// same log, objects included; damage is noticed; a mirror follows. What was interrupted is
// finished, and where something else stands both refuse. Method: two clusters over TCP, and what an
// interrupted run leaves, made by hand.
import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct BackupTests {
  private func open(_ cluster: TestCluster) async throws -> LogConnection {
    let addresses = cluster.processes.values.compactMap { $0.address?.description }
    return try await LogConnection.open(to: addresses)
  }

  /// A log with plain entries, a hole, single trims and objects.
  private func fill(_ connection: LogConnection) async throws {
    for number in 0..<30 { _ = try await connection.log.append(Array("entry \(number)".utf8)) }
    try await connection.log.trimPrefix(before: Position(10))
    try await connection.log.trim(Position(15))
    let runtime = connection.runtime()
    let counter = try await runtime.object("visits", of: CounterState.self)
    for _ in 0..<20 { try await counter.update(.add(2)) }
    let stream = try await runtime.stream("news")
    for number in 0..<9 { _ = try await stream.append(Array("news \(number)".utf8)) }
  }

  private func slots(_ log: ClusterLog) async throws -> [Slot] {
    try await log.read(.zero..<(try await log.tail()))
  }

  @Test func aRestoredClusterIsTheSameLog() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    try await one.begin(nodes: 3, stripes: 1, replicas: 2)
    // Another shape: positions stay, places change.
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    let source = try await open(one)
    try await fill(source)
    let file = one.folder.path + "/backup"
    let range = try await Backup.save(source.log, to: file)
    #expect(range.lowerBound == Position(10))
    let before = try await slots(source.log)
    _ = try await source.log.append(Array("later".utf8))
    let target = try await open(other)
    #expect(try await Backup.restore(from: file, to: target) == range)
    #expect(try await slots(target.log) == before)
    // Once more changes nothing.
    #expect(try await Backup.restore(from: file, to: target) == range)
    #expect(try await slots(target.log) == before)
    let runtime = target.runtime()
    let counter = try await runtime.object("visits", of: CounterState.self)
    #expect(try await counter.read { $0.value } == 40)
    try await counter.update(.add(1))
    #expect(try await counter.read { $0.value } == 41)
    let news = try await runtime.stream("news").read()
    #expect(news.count == 9)
    let taken = await #expect(throws: BackupError.self) {
      try await Backup.save(source.log, to: file)
    }
    #expect(taken == .exists(file))
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func aMirrorFollows() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    try await one.begin(nodes: 3, stripes: 1, replicas: 2)
    try await other.begin(nodes: 3, stripes: 1, replicas: 2)
    let source = try await open(one)
    let target = try await open(other)
    try await fill(source)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (from, to) = (source.log, target)
      group.addTask { try await Backup.mirror(from, to: to) }
      for number in 0..<40 { _ = try await source.log.append(Array("more \(number)".utf8)) }
      try await other.wait("the copy has all") {
        // The copy's end is not asked for: that would fill what the mirror is about to write.
        let here = try await slots(source.log)
        return try await target.log.read(.zero..<Position(UInt64(here.count))) == here
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(try await slots(target.log) == slots(source.log))
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  /// A cluster with plain entries from position 0 on, and a connection to it.
  private func source(_ cluster: TestCluster, entries: Int) async throws -> LogConnection {
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    let source = try await open(cluster)
    for number in 0..<entries { _ = try await source.log.append(Array("entry \(number)".utf8)) }
    return source
  }

  /// Leaves in a new cluster what a copy leaves that was interrupted: positions that were taken,
  /// the first of them written, some written on the heads alone, and the others not at all.
  private func interrupt(
    _ cluster: TestCluster,
    _ slots: [Slot],
    whole: Int,
    halves: Int
  ) async throws {
    let (log, network) = try await cluster.client()
    let layout = log.layout
    let reply = try await network.call(
      .reserve(TokenRequest(layout: layout.id, count: slots.count)),
      to: layout.sequencer.node,
      patience: .seconds(5)
    )
    guard case .token(let token) = reply, token.first == .zero else {
      Issue.record("\(reply)")
      return
    }
    for (index, slot) in slots.prefix(whole + halves).enumerated() {
      let position = Position(UInt64(index))
      let chain = ReferenceParts.Mapping().chain(of: position, in: layout)
      let replicas = chain.replicas.prefix(index < whole ? chain.replicas.count : 1).map { unit in
        RemoteReplica(unit, layout: layout.id, network: network, patience: .seconds(5))
      }
      // What is trimmed is written as junk first.
      let value = PlacedValue(slot == .trimmed ? .junk : slot, at: position)
      let outcomes = await ReferenceParts.Writer().write([value], to: replicas)
      #expect(outcomes == [.complete])
    }
    await network.close()
  }

  @Test func anInterruptedRestoreIsFinished() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 60)
    try await source.log.trim(Position(5))
    let file = one.folder.path + "/backup"
    try await Backup.save(source.log, to: file)
    let before = try await slots(source.log)
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    try await interrupt(other, Array(before[..<40]), whole: 20, halves: 6)
    let target = try await open(other)
    try await Backup.restore(from: file, to: target)
    #expect(try await target.log.read(.zero..<Position(60)) == before)
    #expect(try await target.log.tail() == Position(60))
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func anInterruptedMirrorGoesOn() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 60)
    try await source.log.trim(Position(5))
    let before = try await slots(source.log)
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    try await interrupt(other, Array(before[..<40]), whole: 20, halves: 6)
    let target = try await open(other)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let from = source.log
      group.addTask { try await Backup.mirror(from, to: target) }
      // The end is not asked for: that would fill what the mirror is about to write.
      try await other.wait("the copy has all") {
        try await target.log.read(.zero..<Position(60)) == before
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func whatWasFilledInACopyIsNeverTakenForCopied() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 20)
    let file = one.folder.path + "/backup"
    try await Backup.save(source.log, to: file)
    let before = try await slots(source.log)
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    try await interrupt(other, Array(before[..<10]), whole: 6, halves: 0)
    let target = try await open(other)
    // Who asks where the log ends fills what was taken last.
    #expect(try await target.log.tail() == Position(10))
    for _ in 0..<3 {
      let error = await #expect(throws: BackupError.self) {
        try await Backup.restore(from: file, to: target)
      }
      #expect(error == .notAlone(Position(9)))
      #expect(await mirrorEnd(source.log, to: target) == .notAlone(Position(9)))
    }
    // Nothing was changed.
    let holes = try await target.log.read(Position(6)..<Position(9))
    #expect(holes == [.empty, .empty, .empty])
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func aStrangersEntryIsNeverTakenForCopied() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 20)
    let file = one.folder.path + "/backup"
    try await Backup.save(source.log, to: file)
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    let before = try await slots(source.log)
    try await interrupt(other, Array(before[..<10]), whole: 10, halves: 0)
    let target = try await open(other)
    let strange = try await target.log.append(Array("strange".utf8))
    for _ in 0..<3 {
      let error = await #expect(throws: BackupError.self) {
        try await Backup.restore(from: file, to: target)
      }
      #expect(error == .notAlone(strange))
      #expect(await mirrorEnd(source.log, to: target) == .notAlone(strange))
    }
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func aStrangersEntryBehindTheEndIsNoticedByAMirror() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 20)
    try await other.begin(nodes: 3, stripes: 1, replicas: 2)
    let before = try await slots(source.log)
    try await interrupt(other, before, whole: 20, halves: 0)
    let target = try await open(other)
    let strange = try await target.log.append(Array("strange".utf8))
    #expect(await mirrorEnd(source.log, to: target) == .notAlone(strange))
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func whatStandsBeforeABackupsBeginIsNotTrimmed() async throws {
    let (one, other) = (try TestCluster(), try TestCluster())
    let source = try await source(one, entries: 6)
    try await source.log.trimPrefix(before: Position(2))
    let file = one.folder.path + "/backup"
    #expect(try await Backup.save(source.log, to: file).lowerBound == Position(2))
    try await other.begin(nodes: 3, stripes: 1, replicas: 2)
    let target = try await open(other)
    #expect(try await target.log.append(Array("mine".utf8)) == .zero)
    let mine = try await target.log.read(.zero)
    let error = await #expect(throws: BackupError.self) {
      try await Backup.restore(from: file, to: target)
    }
    #expect(error == .notAlone(.zero))
    #expect(await mirrorEnd(source.log, to: target) == .trimmed(.zero))
    #expect(try await target.log.read(.zero) == mine)
    #expect(try await target.log.tail() == Position(1))
    await source.close()
    await target.close()
    try await one.endAll()
    try await other.endAll()
  }

  @Test func damageIsNoticed() async throws {
    let one = try TestCluster()
    try await one.begin(nodes: 3, stripes: 1, replicas: 2)
    let source = try await open(one)
    try await fill(source)
    let file = one.folder.path + "/backup"
    try await Backup.save(source.log, to: file)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    func read(_ bytes: Data) throws -> Int {
      let path = one.folder.path + "/damaged"
      try bytes.write(to: URL(fileURLWithPath: path))
      let reader = try BackupReader(path: path)
      var count = 0
      while let (_, slots) = try reader.read() { count += slots.count }
      return count
    }
    #expect(try read(whole) > 0)
    for index in stride(from: 0, to: whole.count, by: 97) {
      var bytes = whole
      bytes[index] ^= 0x20
      #expect(throws: BackupError.self, "byte \(index)") { try read(bytes) }
      #expect(throws: BackupError.self, "cut at \(index)") { try read(whole.prefix(index)) }
    }
    #expect(throws: BackupError.self) { try read(whole + [0]) }
    await source.close()
    try await one.endAll()
  }
}

/// Why a mirror ends; `nil` if it goes on for so long.
func mirrorEnd(
  _ source: ClusterLog,
  to target: LogConnection,
  within patience: Duration = .seconds(5)
) async -> BackupError? {
  await withTaskGroup(of: BackupError?.self) { group in
    group.addTask {
      do throws(BackupError) {
        try await Backup.mirror(source, to: target)
        return nil
      } catch {
        return error
      }
    }
    group.addTask {
      // Cancelled: the mirror has ended before.
      try? await Task.sleep(for: patience)
      return nil
    }
    let end = await group.next() ?? nil
    group.cancelAll()
    return end
  }
}
