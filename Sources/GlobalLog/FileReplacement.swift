extension Device {
  /// Gives a file new contents as a whole: after a crash it has the old ones or these (D3).
  ///
  /// - Parameters:
  ///   - name: The file, which need not exist yet.
  ///   - bytes: Its new contents. Durable on return.
  /// - Throws: ``DeviceError``; the file has its old contents or the new ones.
  package func replace(_ name: String, with bytes: [UInt8]) async throws(DeviceError) {
    let temporary = name + ".new"
    if try list().contains(temporary) { try remove(temporary) }
    let file = try create(temporary, count: bytes.count)
    try file.write(bytes.span.bytes, at: 0)
    try await file.sync()
    try rename(temporary, to: name)
    try await syncFolder()
  }
}
