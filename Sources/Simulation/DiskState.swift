internal import CorfuGlobalLog

/// All that a simulated disk knows, durable or not.
struct DiskState {
  /// A fault that waits for its call.
  struct Injection {
    let effect: SimulatedDevice.Effect
    let call: DiskCall?
    var callsLeft: Int
  }

  let name: String
  let world: World
  var capacityBytes: Int?
  var timing: DiskTiming
  var faults: DiskFaults
  var counts = DiskCounts()
  var random: SeededGenerator

  // Keyed by numbers given in order, and iterated in that order only: hash order must not become
  // chance.
  var inodes: [Int: Inode] = [:]
  var directory: Directory
  private var inodesMade = 0
  private var handlesMade = 0

  private var processesMade = 0
  private(set) var liveProcesses: Set<Int> = []
  var lockHolder: Int?

  var syncs: [Int: PendingSync] = [:]
  var syncsMade = 0
  /// Whether a folder's sync failed.
  ///
  /// A file system that cannot write its journal takes no more changes until it is mounted anew,
  /// which here is after a power cut.
  var isReadOnly = false
  var busyUntil = Duration.zero
  var injections: [Injection] = []

  init(
    name: String,
    world: World,
    capacityBytes: Int?,
    timing: DiskTiming,
    faults: DiskFaults,
    image: DiskImage
  ) {
    self.name = name
    self.world = world
    self.capacityBytes = capacityBytes
    self.timing = timing
    self.faults = faults
    random = world.random.split()
    var names: [String: Int] = [:]
    for (name, bytes) in image.files.sorted(by: { $0.key < $1.key }) {
      inodesMade += 1
      names[name] = inodesMade
      inodes[inodesMade] = Inode(durable: bytes)
    }
    directory = Directory(names: names)
  }

  // MARK: - Calls

  /// Counts a call, draws whether it fails, and returns the error to answer it with.
  mutating func begin(_ call: DiskCall, _ process: Int, on file: String) -> DeviceError? {
    guard liveProcesses.contains(process) else { return .powerOff }
    counts[call] += 1
    switch takeInjection(call) {
    case .error(let error):
      count(call.fault, "\(call) of \(file) fails as injected: \(error)")
      return error
    case .powerCut:
      counts.powerCutsAtCalls += 1
      powerCut(.drawn)
      return .powerOff
    case .kill:
      counts.killsAtCalls += 1
      kill(process)
      return .powerOff
    case nil:
      break
    }
    if isReadOnly && call.changesDisk {
      return .failed("\(call) of \(file): read-only file system")
    }
    guard let fault = call.fault, random.chance(faults[fault]) else { return nil }
    count(fault, "\(call) of \(file) fails")
    return .failed("\(call) of \(file): input/output error")
  }

  private mutating func takeInjection(_ call: DiskCall) -> SimulatedDevice.Effect? {
    for index in injections.indices where injections[index].call ?? call == call {
      injections[index].callsLeft -= 1
    }
    guard let due = injections.firstIndex(where: { $0.callsLeft <= 0 }) else { return nil }
    return injections.remove(at: due).effect
  }

  /// Counts a fault and tells the world.
  mutating func count(_ fault: DiskFault?, _ event: String) {
    if let fault { counts[fault] += 1 }
    world.note("\(name): \(event)")
  }

  // MARK: - Files

  /// The number of a file.
  func find(_ file: String) throws(DeviceError) -> Int {
    guard let inode = directory.names[file] else { throw .notFound(file) }
    return inode
  }

  /// An open file.
  struct Handle {
    let inode: Int
    let number: Int
  }

  mutating func create(_ file: String, count: Int, _ process: Int) throws(DeviceError) -> Handle {
    if let error = begin(.create, process, on: file) { throw error }
    if directory.names[file] != nil { throw .exists(file) }
    try reserve(count, for: file)
    inodesMade += 1
    inodes[inodesMade] = Inode(count: count)
    directory.make(.link(file, inodesMade))
    return open(inodesMade, process)
  }

  mutating func open(_ file: String, _ process: Int) throws(DeviceError) -> Handle {
    if let error = begin(.open, process, on: file) { throw error }
    return open(try find(file), process)
  }

  private mutating func open(_ inode: Int, _ process: Int) -> Handle {
    handlesMade += 1
    inodes[inode]?.open(handlesMade, process)
    return Handle(inode: inode, number: handlesMade)
  }

  mutating func close(_ handle: Handle) {
    inodes[handle.inode]?.close(handle.number)
    collect(handle.inode)
  }

  mutating func rename(_ file: String, to other: String, _ process: Int) throws(DeviceError) {
    if let error = begin(.rename, process, on: file) { throw error }
    let replaced = directory.names[other]
    directory.make(.rename(file, other, try find(file)))
    if let replaced { collect(replaced) }
  }

  mutating func remove(_ file: String, _ process: Int) throws(DeviceError) {
    if let error = begin(.remove, process, on: file) { throw error }
    let inode = try find(file)
    directory.make(.unlink(file))
    collect(inode)
  }

  mutating func write(
    _ bytes: UnsafeRawBufferPointer,
    at offset: Int,
    to inode: Int,
    _ file: String,
    _ process: Int
  ) throws(DeviceError) {
    let error = begin(.write, process, on: file)
    if error == .powerOff { throw .powerOff }
    if let error {
      // A failed write may have put any part of its bytes into the page cache.
      let part = random.number(in: 0...bytes.count)
      inodes[inode]?.write(UnsafeRawBufferPointer(rebasing: bytes[..<part]), at: offset)
      throw error
    }
    let growth = offset + bytes.count - (inodes[inode]?.cached.count ?? 0)
    if growth > 0 && !bytes.isEmpty { try reserve(growth, for: file) }
    counts.bytesWritten += bytes.count
    inodes[inode]?.write(bytes, at: offset)
    if random.chance(faults[.writeBackError]) {
      counts[.lostSector] += inodes[inode]?.failWriteBack(using: &random) ?? 0
      count(.writeBackError, "writing \(file) back fails")
    }
  }

  mutating func read(
    at offset: Int,
    count: Int,
    from inode: Int,
    _ file: String,
    _ process: Int
  ) throws(DeviceError) -> [UInt8] {
    if let error = begin(.read, process, on: file) { throw error }
    return inodes[inode]?.cached.read(at: offset, count: count) ?? []
  }

  mutating func truncate(
    _ inode: Int,
    to count: Int,
    _ file: String,
    _ process: Int
  ) throws(DeviceError) {
    if let error = begin(.truncate, process, on: file) { throw error }
    inodes[inode]?.resize(to: count)
  }

  /// Bytes in files that have a name.
  var usedBytes: Int {
    directory.names.values.reduce(0) { $0 + (inodes[$1]?.cached.count ?? 0) }
  }

  private mutating func reserve(_ bytes: Int, for file: String) throws(DeviceError) {
    guard let capacityBytes, usedBytes + bytes > capacityBytes else { return }
    count(.outOfSpace, "no space for \(bytes) bytes of \(file)")
    throw .outOfSpace
  }

  /// Forgets a file that nobody can reach any more.
  mutating func collect(_ inode: Int) {
    guard inodes[inode]?.handles.isEmpty == true, !directory.mentions(inode) else { return }
    inodes[inode] = nil
  }

  // MARK: - Processes

  mutating func startProcess() -> Int {
    processesMade += 1
    liveProcesses.insert(processesMade)
    return processesMade
  }

  /// Kills a process; what it wrote stays in the page cache.
  mutating func kill(_ process: Int) {
    guard liveProcesses.contains(process) else { return }
    count(.kill, "process \(process) is killed")
    end(process)
  }

  /// Ends a process.
  mutating func end(_ process: Int) {
    guard liveProcesses.remove(process) != nil else { return }
    dropSyncs { $0.process == process }
    if lockHolder == process { lockHolder = nil }
    for inode in inodes.keys.sorted() {
      for (handle, owner) in inodes[inode]?.handles ?? [:] where owner == process {
        inodes[inode]?.close(handle)
      }
      collect(inode)
    }
  }

  /// Ends all processes, and makes durable what luck leaves of what was not synced.
  mutating func powerCut(_ fate: UnsyncedFate) {
    liveProcesses = []
    lockHolder = nil
    isReadOnly = false
    dropSyncs { _ in true }
    let lostNames = directory.settle(
      below: directory.mark,
      fate,
      mayReorder: faults.namesMayReorder,
      using: &random
    )
    directory.revert()
    var lostSectors = 0
    var unsynced: [(inode: Int, change: Inode.Change)] = []
    for number in inodes.keys.sorted() {
      guard var inode = inodes.removeValue(forKey: number) else { continue }
      let covered = inode.takeChanges(below: inode.mark)
      guard directory.mentions(number) else { continue }
      lostSectors += inode.settle(covered, fate, using: &random)
      unsynced += covered.lazy.filter { !$0.bytes.isEmpty }.map { (number, $0) }
      inodes[number] = Inode(durable: inode.durable)
    }
    counts[.lostName] += lostNames
    counts[.lostSector] += lostSectors
    count(.powerCut, "power cut, \(lostSectors) sectors and \(lostNames) names are lost")
    if random.chance(faults[.garbageSector]), let last = random.element(of: unsynced) {
      spoil(last.inode, last.change)
    }
  }

  /// Leaves garbage where the disk was writing when the power went.
  private mutating func spoil(_ inode: Int, _ change: Inode.Change) {
    let sector = random.number(below: change.sectorCount)
    let garbage = change.sector(sector).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let offset = change.offset + sector * Inode.sectorBytes
    inodes[inode]?.putAtRest(garbage[...], at: offset)
    count(.garbageSector, "garbage in the sector at \(offset) of file \(inode)")
  }
}

extension DiskCall {
  /// The fault that makes the call fail at random; `nil` if none does.
  fileprivate var fault: DiskFault? {
    switch self {
    case .write: .writeError
    case .read: .readError
    case .sync, .syncFolder: .syncError
    case .truncate, .create, .rename, .remove: .nameError
    case .open, .list: nil
    }
  }
}
