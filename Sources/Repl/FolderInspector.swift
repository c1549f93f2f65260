import CorfuGlobalLog

/// Looks at the files of a folder without opening the log they hold.
public struct FolderInspector: UnitInspector {
  private let device: FileDevice
  private let isOfNode: Bool

  /// The inspector of a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - isOfNode: Whether it is the disk of a node of a cluster of processes.
  public init(folder: String, isOfNode: Bool = false) {
    device = FileDevice(path: folder)
    self.isOfNode = isOfNode
  }

  /// Reads and checks every file.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    try VerifyReport(of: device, isOfNode: isOfNode, onFile: onFile)
  }

  /// Takes the operator's word that what was lost is lost: positions that were damaged are trimmed,
  /// and absence is absence again.
  ///
  /// - Returns: What was done.
  public func acceptLosses(
    using random: inout some RandomNumberGenerator
  ) async throws(ReplError) -> [Fact] {
    do throws(StoreOpenError) {
      let report = try FolderReport(of: device)
      guard report.identity != nil else { throw .device(.notFound(device.name)) }
      let store = try await GroupCommit.open(device, using: &random)
      let wasInDoubt = store.reader.isInDoubt
      try await settle(report.lost, in: store)
      return [
        Fact("positions given up", .count(report.lost.count)),
        Fact("in doubt before", .flag(wasInDoubt)),
      ]
    } catch {
      throw ReplError(error, folder: device.name, isOfNode: isOfNode)
    }
  }

  private func settle(
    _ lost: [Position],
    in store: GroupCommit<FileDevice>
  ) async throws(StoreOpenError) {
    let outcome = await withTaskGroup(of: Void.self) { group -> LogError? in
      group.addTask { await store.run() }
      do throws(LogError) {
        for position in lost { try await store.trim(position) }
        if store.reader.isInDoubt { try await store.settleLosses() }
        try await store.close()
        return nil
      } catch {
        group.cancelAll()
        return error
      }
    }
    if let outcome { throw .device(.failed(outcome.description)) }
  }

  /// Hands out every whole record, file by file.
  public func dump(_ body: (DumpedRecord) throws(ReplError) -> Void) async throws(ReplError) {
    do {
      try FolderReport.dump(device) { record in
        try body(
          DumpedRecord(
            file: record.file,
            offset: record.header.offset,
            bytes: record.header.recordBytes,
            position: record.header.position,
            epoch: record.header.epoch,
            slot: record.slot,
            trims: record.trims
          )
        )
      }
    } catch let error as ReplError {
      throw error
    } catch let error as StoreOpenError {
      throw ReplError(error, folder: device.name, isOfNode: isOfNode)
    } catch {
      throw .refused("\(device.name): \(error)")
    }
  }
}
