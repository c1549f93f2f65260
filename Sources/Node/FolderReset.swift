internal import CorfuGlobalLog

/// Emptying a node's folder, so that a crash on the way leaves it full or empty, never half (R29).
enum FolderReset {
  /// As long as it is there, nothing else in the folder counts.
  private static let mark = "reset"

  /// Empties the folder.
  static func run(in device: some Device) async throws(DeviceError) {
    _ = try device.create(mark, count: 0)
    try await finish(in: device)
  }

  /// Whether a reset was begun, so that whatever is there counts no more.
  static func isUnfinished(in device: some Device) throws(DeviceError) -> Bool {
    do throws(DeviceError) {
      return try device.list().contains(mark)
    } catch .notFound {
      return false
    }
  }

  /// Goes on with a reset that was begun; does nothing if there was none.
  static func finish(in device: some Device) async throws(DeviceError) {
    let names = try device.list()
    guard names.contains(mark) else { return }
    // A process that was killed may have left a mark that only its successors see.
    try await device.syncFolder()
    for name in names where name != mark && name != "lock" { try device.remove(name) }
    try await device.syncFolder()
    try device.remove(mark)
    try await device.syncFolder()
  }
}
