package import CorfuGlobalLog

/// A small file that is changed in place, with one sync for each change.
///
/// It has one or several parts, each with contents of its own. What was written and committed
/// survives a crash at any moment, and one copy that rots: `SlotFormat.swift` draws how. In place,
/// because a change must go through on a full disk too, and because nothing is dearer than a file
/// that is replaced. Only if the last part outgrows its room the file is replaced by a larger one.
package struct SlotFile<Storage: Device>: Sendable {
  private let format: SlotFormat
  private let device: Storage
  private var file: Storage.File
  /// How many bytes each slot of the last part has.
  private var room: Int
  private var parts: [SlotFormat.Part]
  /// Whether something was put that is not durable.
  private var isPending = false

  /// Why a file is not read.
  package enum ReadError: Error {
    case device(DeviceError)
    /// There is none.
    case missing
    case otherVersion(UInt32)
  }

  /// Looks at a file, and changes nothing.
  ///
  /// What it says need not be durable before ``settle()``.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - magic: What it begins with.
  ///   - count: How many parts it has.
  ///   - device: Its folder.
  /// - Throws: ``ReadError``.
  package init(
    _ name: String,
    magic: UInt64,
    parts count: Int,
    in device: Storage
  ) throws(ReadError) {
    format = SlotFormat(name: name, magic: magic, parts: count)
    self.device = device
    let bytes: [UInt8]
    do throws(DeviceError) {
      file = try device.open(name)
      bytes = try file.read(at: 0, count: try file.size())
    } catch {
      if case .notFound = error { throw .missing }
      throw .device(error)
    }
    switch format.read(bytes) {
    case .parts(let found, let room): (parts, self.room) = (found, room)
    case .otherVersion(let version): throw .otherVersion(version)
    }
  }

  /// Makes a file.
  ///
  /// - Parameters:
  ///   - name: The file, which need not exist; what it said is gone.
  ///   - magic: What it begins with.
  ///   - contents: What each part says; durable on return.
  ///   - device: Its folder.
  /// - Throws: ``DeviceError``; there is no such file then, or the one before.
  package static func create(
    _ name: String,
    magic: UInt64,
    _ contents: [[UInt8]],
    in device: Storage
  ) async throws(DeviceError) {
    let format = SlotFormat(name: name, magic: magic, parts: contents.count)
    let parts = contents.map { SlotFormat.Part(turn: 1, contents: $0) }
    let room = format.room(for: contents.last ?? [])
    try await device.replace(name, with: format.file(parts, room: room))
  }

  /// What a part says; `nil` if nobody knows.
  package func contents(of part: Int) -> [UInt8]? { parts[part].contents }

  /// Makes durable what was found.
  ///
  /// What a process left that was killed may stand in the page cache only, and what it failed to
  /// sync will never be written unless somebody writes it again. So each copy is, one after the
  /// other: a crash on the way leaves one of them, if it was durable before.
  package mutating func settle() async throws(DeviceError) {
    try await device.syncFolder()
    for round in [0, 1] {
      for index in parts.indices {
        guard let contents = parts[index].contents else { continue }
        let copy = round == 0 ? parts[index].first : 1 - parts[index].first
        try write(index, contents, copy: copy)
      }
      try await sync()
      // One copy is durable by now, and the sync of the other takes the claim along.
      if round == 0 { try claim() }
    }
  }

  /// Writes some parts anew; durable after ``commit()``.
  ///
  /// - Throws: ``DeviceError/outOfSpace`` if the last part outgrows its room and the disk has none:
  ///   then nothing has changed. After any other error nothing is known.
  package mutating func put(
    _ changes: [(part: Int, contents: [UInt8])]
  ) async throws(DeviceError) {
    if changes.isEmpty { return }
    var next = self
    for (part, contents) in changes {
      next.parts[part].turn += 1
      next.parts[part].contents = contents
    }
    if let last = next.parts.last?.contents, format.room(for: last) > room {
      next.room = format.room(for: last)
      try await next.replace()
    } else {
      // Twin by twin, so that a write that goes astray leaves the other.
      for copy in [0, 1] {
        for (part, contents) in changes { try next.write(part, contents, copy: copy) }
      }
      next.isPending = true
    }
    self = next
  }

  /// Makes durable what was put.
  package mutating func commit() async throws(DeviceError) {
    guard isPending else { return }
    try await sync()
    try claim()
    isPending = false
  }

  private func claim() throws(DeviceError) {
    try file.write(format.claims(parts).span.bytes, at: 0)
  }

  private func write(_ part: Int, _ contents: [UInt8], copy: Int) throws(DeviceError) {
    let turn = parts[part].turn
    let bytes = format.slot(part, turn: turn, contents, room: room)
    let offset = format.offset(of: part, turn: turn, copy: copy, room: room)
    try file.write(bytes.span.bytes, at: offset)
  }

  private mutating func replace() async throws(DeviceError) {
    let (device, name) = (device, format.name)
    let bytes = format.file(parts, room: room)
    try await device.blocking { () throws(DeviceError) in
      try await device.replace(name, with: bytes)
    }
    file = try device.open(name)
    isPending = false
  }

  private func sync() async throws(DeviceError) {
    let file = file
    try await device.blocking { () throws(DeviceError) in try await file.sync() }
  }
}

extension Device {
  /// Does what may block a thread, on the one that the device keeps for that.
  fileprivate func blocking(
    _ body: @escaping @Sendable () async throws(DeviceError) -> Void
  ) async throws(DeviceError) {
    guard let executor = syncExecutor else { return try await body() }
    let result = await withTaskGroup(of: Result<Void, DeviceError>.self) { group in
      group.addTask(executorPreference: executor) {
        do throws(DeviceError) {
          return .success(try await body())
        } catch {
          return .failure(error)
        }
      }
      return await group.next()
    }
    try result?.get()
  }
}
