public import CorfuGlobalLog

// What a test may do to a disk and ask it. None of it needs the device to be alive.
extension SimulatedDevice {
  /// How often what goes wrong by itself; `.none` lets the disk heal.
  public var faults: DiskFaults {
    get { disk.access { state in state.faults } }
    set { disk.access { state in state.faults = newValue } }
  }

  /// How long syncs take from now on.
  public var timing: DiskTiming {
    get { disk.access { state in state.timing } }
    set { disk.access { state in state.timing = newValue } }
  }

  /// The room for files in bytes; `nil` for any amount.
  public var capacityBytes: Int? {
    get { disk.access { state in state.capacityBytes } }
    set { disk.access { state in state.capacityBytes = newValue } }
  }

  /// The bytes in files that have a name.
  ///
  /// A file removed frees its room at once.
  public var usedBytes: Int {
    disk.access { state in state.usedBytes }
  }

  /// What the disk was asked to do and what went wrong, over all its processes.
  public var counts: DiskCounts {
    disk.access { state in state.counts }
  }

  /// Lets something happen once, at the `number`-th call from now, the next one being 1.
  ///
  /// Calls of dead devices do not count.
  public func inject(_ effect: Effect, atCall number: Int, of call: DiskCall? = nil) {
    precondition(number > 0, "calls are counted from 1")
    disk.access { state in
      state.injections.append(
        DiskState.Injection(effect: effect, call: call, callsLeft: number)
      )
    }
  }

  /// Calls off every injection that has not happened yet, and returns how many there were.
  @discardableResult
  public func removeInjections() -> Int {
    disk.access { state in
      defer { state.injections = [] }
      return state.injections.count
    }
  }

  // MARK: - At rest

  /// Inverts a bit, 0 to 7, of a file's byte at rest; reads see it at once.
  public func flipBit(file: String, offset: Int, bit: Int) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in
      state.flipBit(bit, at: offset, of: try state.find(file))
    }
  }

  /// Makes the 512-byte sector of a file zero at rest that holds the byte at `offset`.
  public func zeroSector(file: String, offset: Int) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in
      state.zeroSector(at: offset, of: try state.find(file))
    }
  }

  /// The durable bytes of a file that has a durable name.
  public func durableBytes(of file: String) throws(DeviceError) -> [UInt8] {
    guard let bytes = snapshot()[file] else { throw .notFound(file) }
    return bytes
  }

  /// Replaces a file's durable bytes, and what processes see.
  ///
  /// What was not synced is forgotten.
  public func replaceDurableBytes(of file: String, with bytes: [UInt8]) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in
      let inode = try state.find(file)
      state.inodes[inode]?.replace(by: SparseBytes(bytes))
    }
  }

  /// Which state of a folder to take an image of.
  public enum SnapshotView: Sendable {
    /// What would be left if all that is not synced were lost.
    case durable
    /// What processes see.
    case visible
  }

  /// An image of the folder.
  public func snapshot(_ view: SnapshotView = .durable) -> DiskImage {
    disk.access { state in
      var image = DiskImage()
      switch view {
      case .durable:
        for (name, inode) in state.directory.durableNames {
          image.files[name] = state.inodes[inode]?.durable
        }
      case .visible:
        for (name, inode) in state.directory.names {
          image.files[name] = state.inodes[inode]?.cached
        }
      }
      return image
    }
  }
}
