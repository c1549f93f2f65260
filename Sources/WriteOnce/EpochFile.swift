package import CorfuGlobalLog
package import CorfuStripeMirror

// The file `epoch` of a unit's folder: a file of slots (`SlotFormat.swift`) with two parts.
//
// The first part is the gate:
//
//    0  flags      4 bytes   1: a layout is installed; 2: and it was written with the gate, below;
//                            4: one was installed before it
//    4             4 bytes   zero
//    8  sealed     8 bytes   the highest closed epoch
//   16  installed  8 bytes   the epoch of the layout in force
//   24  hash       8 bytes   and its hash
//   32  before    16 bytes   with 4: the epoch and the hash of the layout installed before
//
// The second one is the newest layout that the node has heard of, as `LayoutCoding.swift` writes
// it; nothing, if it has heard of none.
//
// A gate that cannot be read means that what was promised here is forgotten: the folder is not
// opened (D8). The layout is a hint, and worth having: others will tell it again (R30). They stand
// in one file because a layout is mostly kept when it is installed: then one sync does for both.
//
// A crash may tear the layout and not the gate. Nobody was told of that installation, and whoever
// wished it may be gone, and with it the only copy of the layout. So it counts as never done: the
// layout before is in force, what the new one closed stays closed, and so nobody is served until a
// layout comes.

/// Where a unit's gate survives, and the newest layout that it was told.
package struct EpochFile<Storage: Device>: Sendable {
  private static var fileName: String { "epoch" }
  private static var magic: UInt64 { 0x4f50_4555_4652_4f43 }  // "CORFUEPO"
  private static var byteCount: Int { 32 }

  private var slots: SlotFile<Storage>
  /// The gate as it was last written down.
  private(set) var contents: Contents
  /// The newest layout that is kept.
  private(set) var layout: Layout?

  /// What is to be known of a gate.
  struct Contents: Equatable, Sendable {
    var sealed = Epoch.zero
    var installed: LayoutID?
  }

  /// Opens the file, or makes it in a folder where there is no unit yet.
  ///
  /// The folder must be this process's: what was in the file is written anew.
  static func open(in device: Storage) async throws(UnitOpenError) -> EpochFile {
    do throws(DeviceError) {
      let names = try device.list()
      if !names.contains(fileName), !names.contains(StoreIdentity.fileName) {
        let parts = [encoded(Contents(), beside: nil), []]
        try await SlotFile.create(fileName, magic: magic, parts, in: device)
      }
    } catch {
      throw .device(error)
    }
    var slots = try read(in: device)
    let layout = layout(in: slots)
    guard var contents = slots.contents(of: 0).flatMap(decoded) else {
      throw .epochLost(device.name)
    }
    let isTorn = isTorn(slots, beside: layout)
    if isTorn { contents.installed = slots.contents(of: 0).flatMap(before) }
    do {
      // It is told to the next who asks, so it must be durable first (R2).
      try await slots.settle()
      if isTorn {
        try await slots.put([(part: 0, contents: encoded(contents, beside: nil))])
        try await slots.commit()
      }
    } catch {
      throw .device(error)
    }
    return EpochFile(slots: slots, contents: contents, layout: layout)
  }

  /// The newest layout that is kept in a folder, which may be another process's; `nil` if there is
  /// none that can be read.
  package static func layout(in device: Storage) throws(DeviceError) -> Layout? {
    do {
      return layout(in: try read(in: device))
    } catch {
      if case .device(let error) = error { throw error }
      return nil  // Opening the folder tells what is wrong.
    }
  }

  private static func read(in device: Storage) throws(UnitOpenError) -> SlotFile<Storage> {
    do {
      return try SlotFile(fileName, magic: magic, parts: 2, in: device)
    } catch {
      switch error {
      case .device(let error): throw .device(error)
      case .missing: throw .epochLost(device.name)
      case .otherVersion(let version):
        throw .otherVersion(file: "\(device.name)/\(fileName)", version: version)
      }
    }
  }

  private static func layout(in slots: SlotFile<Storage>) -> Layout? {
    guard let bytes = slots.contents(of: 1), !bytes.isEmpty else { return nil }
    do {
      return try Layout(decoding: bytes)
    } catch {
      return nil  // Of a later version, say: others will tell the newest.
    }
  }

  /// The gate as it was written; `nil` if that makes no sense.
  static func decoded(_ bytes: [UInt8]) -> Contents? {
    guard bytes.count >= byteCount else { return nil }
    let span = bytes.span.bytes
    var contents = Contents(sealed: Epoch(span.number(at: 8)))
    if flags(of: bytes) & 1 != 0 {
      contents.installed = LayoutID(
        epoch: Epoch(span.number(at: 16)),
        hash: span.number(at: 24)
      )
    }
    return contents
  }

  private static func flags(of gate: [UInt8]) -> UInt32 { gate.span.bytes.number(at: 0) }

  /// The layout that was in force before the one that was written with this gate.
  private static func before(_ gate: [UInt8]) -> LayoutID? {
    guard flags(of: gate) & 4 != 0, gate.count >= byteCount + 16 else { return nil }
    let span = gate.span.bytes
    return LayoutID(epoch: Epoch(span.number(at: 32)), hash: span.number(at: 40))
  }

  /// Whether a crash took the layout that was written with the gate.
  ///
  /// Not if rot took it: then the installation may have been acknowledged, and it stands.
  private static func isTorn(_ slots: SlotFile<Storage>, beside layout: Layout?) -> Bool {
    guard let gate = slots.contents(of: 0), flags(of: gate) & 2 != 0,
      let installed = decoded(gate)?.installed, let kept = slots.contents(of: 1)
    else { return false }
    if kept.isEmpty { return true }
    return layout.map { $0.epoch < installed.epoch } ?? false
  }

  /// The gate's bytes.
  static func encoded(
    _ contents: Contents,
    beside layout: Layout?,
    before: LayoutID? = nil
  ) -> [UInt8] {
    var flags: UInt32 = contents.installed == nil ? 0 : 1
    // Epochs tell: a layout's name is dear to compute, and a seal writes this as well.
    if let installed = contents.installed, installed.epoch == layout?.epoch {
      flags |= before == nil ? 2 : 6
    }
    var bytes: [UInt8] = []
    bytes.append(number: flags)
    bytes.append(number: UInt32.zero)
    bytes.append(number: contents.sealed.number)
    bytes.append(number: contents.installed?.epoch.number ?? 0)
    bytes.append(number: contents.installed?.hash ?? 0)
    if flags & 4 != 0, let before {
      bytes.append(number: before.epoch.number)
      bytes.append(number: before.hash)
    }
    return bytes
  }

  /// Whether a layout is newer than the one that is kept.
  func lacks(_ layout: Layout) -> Bool {
    layout.epoch > self.layout?.epoch ?? .zero
  }

  /// Writes the gate down, and a layout with it if it is newer than the one that is kept; durable
  /// on return.
  ///
  /// A layout for which the disk has no room is not kept: without an epoch nobody could trim, and
  /// the disk would stay full. Others keep it.
  mutating func write(_ contents: Contents, keeping news: Layout?) async throws(DeviceError) {
    let before = self.contents
    func gate(beside layout: Layout?) -> [(part: Int, contents: [UInt8])] {
      if contents == before { return [] }
      let gate = Self.encoded(contents, beside: layout, before: before.installed)
      return [(part: 0, contents: gate)]
    }
    var kept = layout
    if let news, lacks(news) {
      do {
        try await slots.put(gate(beside: news) + [(part: 1, contents: news.encoded())])
        kept = news
      } catch .outOfSpace {
        try await slots.put(gate(beside: layout))
      }
    } else {
      try await slots.put(gate(beside: layout))
    }
    if !planted(.forgetsSealSync) { try await slots.commit() }
    self.contents = contents
    layout = kept
  }
}
