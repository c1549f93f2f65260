import CorfuGlobalLog

/// Looks at the files of a folder without opening the log they hold.
public struct FolderInspector: UnitInspector {
  private let device: FileDevice

  /// The inspector of a folder.
  public init(folder: String) {
    device = FileDevice(path: folder)
  }

  /// Reads and checks every file.
  public func verify() async throws(ReplError) -> VerifyReport {
    do throws(StoreOpenError) {
      let report = try FolderReport(of: device)
      guard report.identity != nil else { throw .device(.notFound(device.name)) }
      return VerifyReport(report)
    } catch {
      throw ReplError(error, folder: device.name)
    }
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
            slot: record.slot
          )
        )
      }
    } catch let error as ReplError {
      throw error
    } catch let error as StoreOpenError {
      throw ReplError(error, folder: device.name)
    } catch {
      throw .refused("\(device.name): \(error)")
    }
  }
}
