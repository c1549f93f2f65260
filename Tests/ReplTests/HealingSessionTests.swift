// Goal: a cluster that looks after itself is there again in the next session, whoever is missing
// then, and no earlier stage meddles with it. Method: sessions in a temporary folder, one after the
// other.
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Testing

@Suite struct HealingSessionTests {
  private func open(
    _ folder: String,
    stage: Int = 6,
    _ shape: EmbeddedShape? = nil
  ) async throws(ReplError) -> any ReplSession {
    try await ClusterSessions.onFiles(
      stage: stage,
      in: folder,
      shape: shape,
      clock: ContinuousClock(),
      date: { "today" },
      parts: ReferenceParts.self
    )
  }

  private func layout(
    of session: any ReplSession
  ) async throws(ReplError) -> (epoch: UInt64, chains: [String], nodes: Int) {
    guard case .spans(let layout, _) = try await session.perform(.layout) else { return (0, [], 0) }
    return (
      layout.epoch.number, layout.chains.map(\.description),
      try await session.details()?.rows.count ?? 0
    )
  }

  @Test func theNextSessionFindsTheLogAndWhoThereIs() async throws {
    let folder = try TemporaryFolder()
    let shape = EmbeddedShape(stripes: 1, replicas: 2, spares: 1)
    let first = try await open(folder.path, shape)
    let position = try await first.log.append([1])
    _ = try await first.perform(.healing(.add))
    try await first.close()
    #expect(try FolderContent(of: folder.path).stageDefault == 7)
    let second = try await open(folder.path)
    #expect(try await second.log.read(position).isTaken)
    #expect(try await second.log.append([2]) == Position(1))
    // Four units, two sequencers.
    #expect(try await layout(of: second).nodes == 6)
    try await second.close()
    await #expect(throws: ReplError.self) {
      try await open(folder.path, EmbeddedShape(stripes: 2, replicas: 2, spares: 1))
    }
    await #expect(throws: ReplError.self) { try await open(folder.path, stage: 5) }
  }

  @Test func whoseFolderIsGoneIsReplacedAtOnce() async throws {
    let folder = try TemporaryFolder()
    let shape = EmbeddedShape(stripes: 1, replicas: 2, spares: 1)
    let first = try await open(folder.path, shape)
    let position = try await first.log.append([1])
    try await first.close()
    let lost = FileDevice(path: folder.path + "/n1")
    for name in try lost.list() { try lost.remove(name) }
    let second = try await open(folder.path)
    let next = try await layout(of: second)
    #expect(next.epoch >= 2 && next.chains.contains("n2→n3"), "\(next)")
    #expect(try await second.log.read(position).isTaken)
    #expect(try await second.log.append([2]) == Position(1))
    try await second.close()
  }

  @Test func aClusterOfStage5GoesOnAsOneOfStage6() async throws {
    let folder = try TemporaryFolder()
    let shape = EmbeddedShape(stripes: 2, replicas: 1, spares: 1)
    let first = try await open(folder.path, stage: 5, shape)
    let position = try await first.log.append([1])
    try await first.close()
    let second = try await open(folder.path)
    #expect(try await second.log.read(position).isTaken)
    #expect(try await second.log.append([2]) == Position(1))
    let next = try await layout(of: second)
    #expect(next.epoch == 2 && next.chains == ["n1", "n2"] && next.nodes == 5, "\(next)")
    try await second.close()
  }

  @Test("R24: what was decided by hand is known to every later session")
  func overridesAreKept() async throws {
    let folder = try TemporaryFolder()
    let first = try await open(folder.path, EmbeddedShape(stripes: 1, replicas: 2, spares: 1))
    guard case .table = try await first.perform(.healing(.history)) else {
      Issue.record("nothing was decided by hand")
      return
    }
    // Or the layout might no longer name the disk.
    _ = try await first.perform(.healing(.monitor(false)))
    _ = try await first.perform(.node(.kill, "n3"))
    _ = try await first.perform(.healing(.lost(["n3"], isSure: true)))
    try await first.close()
    let second = try await open(folder.path)
    guard case .screen(let lines, _) = try await second.perform(.healing(.history)) else {
      Issue.record("nobody knows what was decided by hand")
      return
    }
    #expect(lines.count == 2, "\(lines)")
    #expect(lines.last?.hasPrefix("  today, epoch 1: declared lost: n3 (disk ") == true, "\(lines)")
    try await second.close()
  }

  @Test func aBrokenRosterIsToldOf() async throws {
    let folder = try TemporaryFolder()
    let first = try await open(folder.path, EmbeddedShape(stripes: 1, replicas: 1, spares: 0))
    try await first.close()
    let file = try FileDevice(path: folder.path).open("cluster")
    try file.write([0xff].span.bytes, at: 30)
    do {
      let second = try await open(folder.path)
      try await second.close()
      Issue.record("nobody can say who there is")
    } catch {
      #expect("\(error)".contains("the file 'cluster' is damaged"), "\(error)")
    }
  }

  @Test("R27: a vote is not wiped without which too few acceptors know how they voted")
  func votesAreNotWiped() async throws {
    for isDown in [false, true] {
      let session = try await ClusterSessions.simulated(
        stage: 6,
        seed: 1,
        shape: EmbeddedShape(stripes: 1, replicas: 2, spares: 1),
        parts: ReferenceParts.self
      )
      _ = try await session.perform(.healing(.monitor(false)))
      if isDown {
        _ = try await session.perform(.node(.kill, "n1"))
      } else {
        _ = try await session.perform(.healing(.wipe("n1", isSure: false)))
      }
      for name in ["n2", "n3"] {
        let refusal =
          "1 of 3 acceptors would be left who know how they voted, too few to decide anything: say "
          + "'node wipe \(name) --yes' if its vote is to be gone"
        await #expect(throws: ReplError.refused(refusal)) {
          _ = try await session.perform(.healing(.wipe(name, isSure: false)))
        }
      }
      _ = try await session.perform(.healing(.wipe("n2", isSure: true)))
      try await session.close()
    }
  }
}
