// Goal: a cluster on real files is there again in the next session, and says clearly what it is
// not. Method: sessions in a temporary folder, one after the other.
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStages
import Testing

@Suite struct ClusterSessionTests {
  private func open(
    _ folder: String,
    _ shape: EmbeddedShape? = nil
  ) async throws(ReplError) -> any ReplSession {
    try await ClusterSessions.onFiles(
      in: folder,
      shape: shape,
      clock: ContinuousClock(),
      parts: ReferenceParts.self
    )
  }

  @Test func theNextSessionFindsTheLogAndAnotherEpoch() async throws {
    let folder = try TemporaryFolder()
    let shape = EmbeddedShape(stripes: 2, replicas: 1, spares: 1)
    let first = try await open(folder.path, shape)
    let position = try await first.log.append([1])
    try await first.close()
    let second = try await open(folder.path)
    #expect(try await second.log.read(position).isTaken)
    #expect(try await second.log.append([2]) == Position(1))
    let epoch = try await second.stats().first { $0.name == "epoch" }
    #expect(epoch?.value == .count(2))
    #expect(try await second.details()?.rows.count == 4)
    try await second.close()
  }

  @Test func anotherShapeIsRefusedAndMakesNoFolder() async throws {
    let folder = try TemporaryFolder()
    let session = try await open(folder.path, EmbeddedShape(stripes: 1, replicas: 2, spares: 0))
    try await session.close()
    await #expect(throws: ReplError.self) {
      try await open(folder.path, EmbeddedShape(stripes: 3, replicas: 2, spares: 0))
    }
    #expect(try FileDevice(path: folder.path).list() == ["n1", "n2"])
  }

  @Test func aClusterThatIsOpenIsRefused() async throws {
    let folder = try TemporaryFolder()
    let session = try await open(folder.path, EmbeddedShape(stripes: 1, replicas: 1, spares: 0))
    do {
      let second = try await open(folder.path)
      try await second.close()
      Issue.record("two sessions have the same files open")
    } catch {
      #expect("\(error)".contains("another process has this cluster open"))
    }
    #expect(try await session.log.append([1]) == .zero)
    try await session.close()
  }

  @Test func aLogOfAnEarlierStageIsLeftAlone() async throws {
    let folder = try TemporaryFolder()
    let log = try await FileSession<Stage1<FileDevice, TailRace>>(
      folder: folder.path,
      clock: ContinuousClock()
    )
    try await log.close()
    do {
      _ = try await open(folder.path)
      Issue.record("a cluster was made in the folder of a log")
    } catch {
      #expect("\(error)".contains("(stages 1 and 2), and stage 5 cannot open that"))
    }
  }

  @Test func aFolderSaysWhichStagesCanOpenIt() async throws {
    let cluster = try TemporaryFolder()
    #expect(try FolderContent(of: cluster.path).stages == nil)
    #expect(try FolderContent(of: cluster.path).stageDefault == 1)
    let session = try await open(cluster.path)
    try await session.close()
    #expect(try FolderContent(of: cluster.path).stageDefault == 5)
    // A unit's own folder is nobody's log.
    #expect(throws: ReplError.self) { try FolderContent.check(cluster.path + "/n1", fits: 1) }
    #expect(throws: ReplError.self) { try FolderContent.check(cluster.path, fits: 1) }
    #expect(throws: ReplError.self) { try FolderContent.check(cluster.path, fits: 4) }
    // Nor is one of a cluster of processes a place for another log.
    let processes = try TemporaryFolder()
    let node = FileDevice(path: processes.path + "/n1")
    try node.lock()
    _ = try node.create("node.json", count: 0)
    node.unlock()
    let disk = FileDevice(path: processes.path + "/n1/data/disk")
    try disk.lock()
    _ = try disk.create("identity", count: 0)
    disk.unlock()
    for end in ["", "/n1", "/n1/data", "/n1/data/disk"] {
      let path = processes.path + end
      for stage in 1...7 {
        #expect(throws: ReplError.self) { try FolderContent.check(path, fits: stage) }
      }
    }
    let mirrors = try TemporaryFolder()
    let mirrored = try await ClusterSessions.mirrored(
      stage: 3,
      in: mirrors.path,
      shape: nil,
      clock: ContinuousClock(),
      parts: ReferenceCopyParts.self
    )
    try await mirrored.close()
    #expect(try FolderContent(of: mirrors.path).stageDefault == 4)
    #expect(throws: ReplError.self) { try FolderContent.check(mirrors.path + "/n2", fits: 2) }
    try FolderContent.check(mirrors.path, fits: 3)
    do throws(ReplError) {
      try FolderContent.check(mirrors.path, fits: 5)
      Issue.record("stage 5 would take healthy units for damaged ones")
    } catch {
      #expect("\(error)".contains("say --stage 4"), "\(error)")
    }
  }

  @Test func aBrokenDiskStopsItsUnitAndNoFileIsHarmed() async throws {
    let folder = try TemporaryFolder()
    let session = try await open(folder.path, EmbeddedShape(stripes: 1, replicas: 1, spares: 0))
    let position = try await session.log.append([1])
    _ = try await session.perform(.disk(.fail, "n1"))
    await #expect(throws: LogError.self) { try await session.log.append([2]) }
    #expect(try await session.details()?.rows.first?.facts.first?.value == .text("stopped"))
    for command in [
      ClusterCommand.disk(.mend, "n1"), .node(.kill, "n1"), .node(.restart, "n1"),
    ] {
      _ = try await session.perform(command)
    }
    #expect(try await session.log.read(position).isTaken)
    #expect(try await session.verify { _, _ in }.files.allSatisfy(\.damage.isEmpty))
    try await session.close()
  }
}
