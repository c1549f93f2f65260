internal import Synchronization

/// The files of segments, opened when needed and kept open while in use: a few at a
/// time, however many segments there are.
final class SegmentFiles<Storage: Device>: Sendable {
  private struct Shelf: Sendable {
    var files: [UInt32: Storage.File] = [:]
    /// The least recently used first.
    var order: [UInt32] = []
    /// The file of the segment that is being written, whose one descriptor stays (D2).
    var held: (number: UInt32, file: Storage.File)?

    mutating func touch(_ number: UInt32) {
      if order.last == number { return }
      order.removeAll { $0 == number }
      order.append(number)
    }
  }

  private let device: Storage
  private let filesMax: Int
  private let shelf = Mutex(Shelf())

  init(device: Storage, filesMax: Int) {
    self.device = device
    self.filesMax = filesMax
  }

  func file(_ number: UInt32) throws(DeviceError) -> Storage.File {
    let known: Storage.File? = shelf.withLock { shelf in
      if let held = shelf.held, held.number == number { return held.file }
      if shelf.files[number] != nil { shelf.touch(number) }
      return shelf.files[number]
    }
    if let known { return known }
    let file = try device.open(ClosedSegment.fileName(number))
    keep(file, number)
    return file
  }

  /// Keeps the file of the segment that is being written from now on, however many others are
  /// read.
  func hold(_ file: Storage.File, _ number: UInt32) {
    let full = shelf.withLock { shelf in
      defer { shelf.held = (number, file) }
      return shelf.held
    }
    if let full { keep(full.file, full.number) }
  }

  private func keep(_ file: Storage.File, _ number: UInt32) {
    shelf.withLock { shelf in
      shelf.files[number] = file
      shelf.touch(number)
      while shelf.order.count > filesMax {
        shelf.files[shelf.order.removeFirst()] = nil
      }
    }
  }

  func forget(_ number: UInt32) {
    shelf.withLock { shelf in
      if shelf.held?.number == number { shelf.held = nil }
      shelf.files[number] = nil
      shelf.order.removeAll { $0 == number }
    }
  }
}
