// Goal: whoever looks into a folder sees what is live and which ranges are trimmed. Method: a small
// log in a folder, shown in each way.
import CorfuGlobalLog
import CorfuSimulation
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
}
