// Goal: what becomes of the folders of a log over many units outside of it is noticed, and a folder
// that is not ours to write can be looked at. Method: sessions on real files, which are copied,
// removed and put back between them.
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStages
import Foundation
import Testing

@Suite struct UnitFolderTests {
  private func open(_ stage: Int, _ folder: TemporaryFolder) async throws(ReplError)
    -> any ReplSession
  {
    if stage == 5 {
      return try await ClusterSessions.onFiles(
        in: folder.path,
        shape: EmbeddedShape(stripes: 1, replicas: 2, spares: 0),
        clock: ContinuousClock(),
        parts: ReferenceParts.self
      )
    }
    return try await ClusterSessions.mirrored(
      stage: stage,
      in: folder.path,
      shape: nil,
      clock: ContinuousClock(),
      parts: ReferenceCopyParts.self
    )
  }

  /// Opens the log, appends entries, and closes it.
  private func append(_ numbers: ClosedRange<UInt8>, _ stage: Int, _ folder: TemporaryFolder)
    async throws
  {
    let session = try await open(stage, folder)
    _ = try await session.log.append(batch: numbers.map { [$0] })
    try await session.close()
  }

  private func entries(of session: any ReplSession) async throws -> [UInt8?] {
    let tail = try await session.log.tail()
    return try await session.log.read(.zero..<tail).map { slot in
      if case .data(let entry) = slot { entry.payload.first } else { nil }
    }
  }

  @Test("A unit that was restored from an older image never counts more than its mirror")
  func olderImage() async throws {
    let folder = try TemporaryFolder()
    try await append(0...3, 4, folder)
    let files = FileManager.default
    try files.copyItem(atPath: folder.path + "/n1", toPath: folder.path + "/image")
    try await append(4...7, 4, folder)
    try files.removeItem(atPath: folder.path + "/n1")
    try files.moveItem(atPath: folder.path + "/image", toPath: folder.path + "/n1")
    let looker = try WatchingUnits(stage: 4, folder: folder.path, because: .noPermission)
    #expect(try await entries(of: looker) == Array(0...7))
    let session = try await open(4, folder)
    #expect(try await entries(of: session) == Array(0...7))
    for command in [ClusterCommand.node(.restart, "n1"), .node(.kill, "n2")] {
      _ = try await session.perform(command)
    }
    #expect(try await entries(of: session) == Array(0...7))
    try await session.close()
  }

  @Test(
    "Others may look while a log is open, and see what stands on whole chains",
    arguments: [4, 5]
  )
  func looking(stage: Int) async throws {
    let folder = try TemporaryFolder()
    let session = try await open(stage, folder)
    #expect(WatchingUnits.reason(for: folder.path) == .inUse)
    _ = try await session.log.append(batch: (0...5).map { [$0] })
    let looker = try WatchingUnits(stage: stage, folder: folder.path)
    #expect(try await entries(of: looker) == Array(0...5))
    // Each look reads whole segments, which are large in stage 5.
    if stage == 4 {
      _ = try await session.log.append([6])
      #expect(try await entries(of: looker) == Array(0...6))
      // What the head alone has counts once the head is the tail.
      _ = try await session.perform(.node(.kill, "n2"))
      _ = try await session.log.append(batch: [[7], [8]])
      #expect(try await entries(of: looker) == Array(0...8))
      #expect(try await looker.verify { _, _ in }.files.allSatisfy(\.damage.isEmpty))
    }
    for command in [ClusterCommand.token(count: 1), .node(.kill, "n1"), .compact(nil), .seal] {
      await #expect(throws: ReplError.log(.failed(.inUse(folder.path)))) {
        _ = try await looker.perform(command)
      }
    }
    await #expect(throws: LogError.failed(.inUse(folder.path))) { try await looker.append([1]) }
    try await session.close()
    #expect(WatchingUnits.reason(for: folder.path) == nil)
  }

  @Test("Where there is no log there is nothing to look at", arguments: 3...5)
  func nothingToSee(stage: Int) throws {
    let folder = try TemporaryFolder()
    #expect(throws: ReplError.self) { try WatchingUnits(stage: stage, folder: folder.path) }
    #expect(try FileDevice(path: folder.path).list() == [])
  }

  @Test("Before chapter 6 no disk takes another's place, and none is made there")
  func lostDiskOfACluster() async throws {
    let folder = try TemporaryFolder()
    try await append(0...3, 5, folder)
    let files = FileManager.default
    try files.moveItem(atPath: folder.path + "/n1", toPath: folder.path + "/aside")
    do throws(ReplError) {
      _ = try await open(5, folder)
      Issue.record("a cluster without one of its disks was opened")
    } catch {
      #expect("\(error)".contains("n1: its disk is gone: bring its folder back"), "\(error)")
    }
    #expect(!files.fileExists(atPath: folder.path + "/n1"))
    try files.moveItem(atPath: folder.path + "/aside", toPath: folder.path + "/n1")
    try files.removeItem(atPath: folder.path + "/n1/epoch")
    do throws(ReplError) {
      _ = try await open(5, folder)
      Issue.record("a unit that forgot its promises was opened")
    } catch {
      #expect("\(error)".contains("'node wipe', which arrives in chapter 6"), "\(error)")
    }
  }
}
