// Goal: a backup has what stood in the log at one moment, and a cluster restored from it is the
// same log, objects included; damage is noticed; a mirror follows. Method: two clusters over TCP.
import Corfu
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuTransactions
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
        let (here, there) = (try await source.log.tail(), try await target.log.tail())
        return here == there
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
