// Goal: whoever looks into a folder sees what is live and which ranges are trimmed. Method: a small
// log in a folder, shown in each way.
import CorfuGlobalLog
import CorfuSimulation
import Foundation
import Testing

@testable import CorfuRepl

@Suite struct InspectionTests {
  @Test("verify shows the live bytes of each file, dump the ranges of trims")
  func trimsAndLiveBytes() async throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 1)
    let device = FileDevice(path: folder.path + "/log")
    let store = try await GroupCommit.open(device, using: &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      for number in 0..<10 as Range<UInt64> {
        let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: number)
        _ = try await store.write(
          [Entry(mark: mark, payload: [1, 2, 3, 4])],
          at: Position(number)
        )
      }
      try await store.trim([Position(2)..<Position(3), Position(5)..<Position(9)])
      try await store.close()
    }

    let inspector = FolderInspector(folder: folder.path + "/log")
    let tableOutput = Output.captured(width: 100)
    try await Inspection(inspector, output: tableOutput, mode: .table).verify()
    let table = String(decoding: tableOutput.take(), as: UTF8.self)
    // Five records of 96 bytes and a payload that is rounded up to 8 are not trimmed.
    #expect(table.contains("live") && table.contains("520"))

    let dumpOutput = Output.captured(width: 100)
    try await Inspection(inspector, output: dumpOutput, mode: .table).dump()
    let dump = String(decoding: dumpOutput.take(), as: UTF8.self)
    #expect(dump.contains("(trimmed 2, 5..<9)"))
    let jsonOutput = Output.captured(width: 100)
    try await Inspection(inspector, output: jsonOutput, mode: .json).dump()
    let json = String(decoding: jsonOutput.take(), as: UTF8.self)
    #expect(json.contains(#""ranges":[[2,3],[5,9]]"#), "\(json)")
  }

  /// A log of small entries in a folder, in small segments.
  private static func fill(_ device: FileDevice, _ count: UInt64, closes: Bool) async throws {
    var random = SeededGenerator(seed: 1)
    let limits = StoreLimits.small(segmentBytes: 16 << 10)
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      for number in 0..<count {
        let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: number)
        _ = try await store.write([Entry(mark: mark, payload: [1, 2, 3, 4])], at: Position(number))
      }
      if closes { try await store.close() }
      group.cancelAll()
    }
  }

  private static func verify(
    _ folder: TemporaryFolder,
    _ mode: RenderingMode
  ) async -> (text: String, error: ReplError?) {
    let output = Output.captured(width: 100)
    let inspector = FolderInspector(folder: folder.path + "/log")
    var failure: ReplError?
    do throws(ReplError) {
      try await Inspection(inspector, output: output, mode: mode).verify()
    } catch {
      failure = error
    }
    return (String(decoding: output.take(), as: UTF8.self), failure)
  }

  @Test("verify tells what opening would cut off, and that it is no damage")
  func tornTail() async throws {
    let folder = try TemporaryFolder()
    try await Self.fill(FileDevice(path: folder.path + "/log"), 5, closes: false)
    var bytes = try folder.read("log/00000000.seg")
    // A header and a payload that is rounded up to 8, five times, behind the segment's header.
    let end = 1024 + 5 * 104
    bytes[end - 8] ^= 1
    for offset in end..<bytes.count { bytes[offset] = 0 }
    _ = try folder.write("log/00000000.seg", bytes)
    let table = await Self.verify(folder, .table)
    let torn = "00000000.seg: 104 bytes of a write that is not finished: no damage, "
    #expect(table.text.contains(torn) && table.text.hasSuffix(": all sound\n"), "\(table.text)")
    #expect(table.error == nil)
    let json = await Self.verify(folder, .json)
    #expect(json.text.contains(#""torn":104,"damage":[]"#), "\(json.text)")
  }

  @Test("verify counts segment files as files, and says what is wrong besides in words")
  func missingFile() async throws {
    let folder = try TemporaryFolder()
    let device = FileDevice(path: folder.path + "/log")
    try await Self.fill(device, 300, closes: true)
    try device.remove("00000000.seg")
    let files = try device.list().count { $0.hasSuffix(".seg") }
    let table = await Self.verify(folder, .table)
    #expect(table.text.contains("\n\(files) files, "), "\(table.text)")
    #expect(table.text.contains("\n1 segment file is gone: put back what"), "\(table.text)")
    #expect(table.text.contains("\nthe log is in doubt: records may be missing"), "\(table.text)")
    let flaws = ["1 segment file is gone", "the log is in doubt"]
    #expect(table.error == ReplError.damaged(files: 0, flaws: flaws))
    #expect(
      table.error?.description == "1 segment file is gone; the log is in doubt; nothing was changed"
    )
    let json = await Self.verify(folder, .json)
    #expect(json.text.contains(#""flaws":["1 segment file is gone: "#), "\(json.text)")
    #expect(json.text.contains(#""sound":false"#), "\(json.text)")
  }

  @Test("verify looks at both copies of who the log is")
  func copyOfTheIdentity() async throws {
    let folder = try TemporaryFolder()
    try await Self.fill(FileDevice(path: folder.path + "/log"), 5, closes: true)
    var bytes = try folder.read("log/identity")
    bytes[512 + 20] ^= 1
    _ = try folder.write("log/identity", bytes)
    let table = await Self.verify(folder, .table)
    let words = "one of two copies of the file 'identity' is damaged"
    #expect(table.text.contains("\n\(words): the other one is whole, and"), "\(table.text)")
    #expect(table.error == ReplError.damaged(files: 0, flaws: [words]))
  }

  @Test("verify sends nobody who means a node to another log, and says where the disk is")
  func nodesFolders() async throws {
    let folder = try TemporaryFolder()
    let disk = folder.path + "/c/n1/data/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    for name in ["c/n1/node.json", "c/n1/data/membership", "c/n1/data/disk/identity"] {
      _ = try folder.write(name, Array("nonsense".utf8))
    }
    let expected = [
      "c": "holds several nodes: name the disk of one, such as \(folder.path)/c/n1/data/disk",
      "c/n1": "is the folder of a node, whose disk is in \(disk): name that",
      "c/n1/data": "is the folder of a node, whose disk is in \(disk): name that",
    ]
    for (name, words) in expected {
      let path = "\(folder.path)/\(name)"
      #expect(throws: ReplError.refused("\(path) \(words)")) {
        _ = try FolderContent.checkIsUnit(path)
      }
    }
    guard case .process = try FolderContent.checkIsUnit(disk) else {
      Issue.record("the disk of a node is taken for something else")
      return
    }
    // It is damaged beyond reading, and the way on is the node's.
    do {
      _ = try await FolderInspector(folder: disk, isOfNode: true).verify { _, _ in }
      Issue.record("nonsense was taken for an identity")
    } catch {
      #expect("\(error)".contains("start the node, which comes back with an empty one"), "\(error)")
      #expect(!"\(error)".contains("corfu append"), "\(error)")
    }
    try FileManager.default.removeItem(atPath: disk + "/identity")
    do {
      _ = try await FolderInspector(folder: disk, isOfNode: true).verify { _, _ in }
      Issue.record("an empty folder was taken for a disk")
    } catch {
      #expect(!"\(error)".contains("corfu append"), "\(error)")
    }
  }
}
