internal import Synchronization

/// The bytes of a commit on their way to the disk, which may be on another thread than the store's.
///
/// While they are there the store fills another array, and the two change places with every commit.
final class OutgoingBytes: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  /// Takes bytes, and gives back the array of the commit before.
  func exchange(_ other: inout [UInt8]) {
    bytes.withLock { swap(&$0, &other) }
  }

  /// Writes the bytes to a file.
  func write(to file: some DeviceFile, at offset: Int) throws(DeviceError) {
    try bytes.withLock { (bytes) throws(DeviceError) in
      try file.write(bytes.span.bytes, at: offset)
    }
  }

  /// Writes a commit's bytes and syncs them on another executor, while the caller runs `body`.
  func carryOut<Storage: Device>(
    _ commit: SegmentStore<Storage>.Commit,
    on executor: (any TaskExecutor)?,
    meanwhile body: () -> Void
  ) async throws(DeviceError) {
    let (file, offset) = (commit.file, commit.begin)
    let result = await withTaskGroup(of: Result<Void, DeviceError>.self) { group in
      if let executor {
        group.addTask(executorPreference: executor) { await self.result(file, offset) }
      } else {
        // Not the same as preferring `nil`, which would leave the executor that the caller prefers.
        group.addTask { await self.result(file, offset) }
      }
      body()
      return await group.next()
    }
    try result?.get()
  }

  private func result(
    _ file: some DeviceFile,
    _ offset: Int
  ) async -> Result<Void, DeviceError> {
    do throws(DeviceError) {
      try write(to: file, at: offset)
      return .success(try await file.syncOnce())
    } catch {
      return .failure(error)
    }
  }
}

extension DeviceFile {
  /// Syncs; after an error nothing is known, and nothing is tried again (D1).
  func syncOnce() async throws(DeviceError) {
    if planted(.acknowledgesBeforeSync) { return }
    do {
      try await sync()
    } catch {
      guard planted(.retriesFailedSync) else { throw error }
      try await sync()
    }
  }
}
