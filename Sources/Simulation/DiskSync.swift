internal import CorfuGlobalLog

/// A sync under way.
struct PendingSync {
  let target: DiskState.SyncTarget
  let process: Int
  /// Changes below this are covered.
  let mark: Int
  var error: DeviceError?
  let continuation: DiskState.SyncContinuation
  var timer: World.Timer?
}

extension DiskState {
  /// What a sync makes durable.
  enum SyncTarget {
    case file(Handle, name: String)
    case folder
  }

  typealias SyncContinuation = UnsafeContinuation<Result<Void, DeviceError>, Never>

  /// Begins a sync of what was written by now, and returns its number and how long it takes.
  mutating func beginSync(
    _ target: SyncTarget,
    _ process: Int,
    _ now: Duration,
    _ continuation: SyncContinuation
  ) -> Result<(number: Int, delay: Duration), DeviceError> {
    let error =
      switch target {
      case .file(_, let file): begin(.sync, process, on: file)
      case .folder: begin(.syncFolder, process, on: "the folder")
      }
    if error == .powerOff { return .failure(.powerOff) }
    var bytes = 0
    let mark: Int
    switch target {
    case .file(let handle, _):
      mark = inodes[handle.inode]?.mark ?? 0
      bytes = inodes[handle.inode]?.takeBytesToMove() ?? 0
    case .folder:
      mark = directory.mark
    }
    counts.bytesSynced += bytes
    syncsMade += 1
    syncs[syncsMade] = PendingSync(
      target: target,
      process: process,
      mark: mark,
      error: error,
      continuation: continuation
    )
    return .success((syncsMade, delay(of: bytes, now)))
  }

  private mutating func delay(of bytes: Int, _ now: Duration) -> Duration {
    busyUntil = max(busyUntil, now) + timing.transfer(bytes)
    var latency = timing.sync.draw(using: &random) * timing.slowdown
    if random.chance(faults[.stall]) {
      latency += random.duration(in: faults.stall)
      count(.stall, "a sync stalls")
    }
    return busyUntil - now + latency
  }

  /// Ends a sync, unless its process ended first.
  mutating func finishSync(_ number: Int) {
    guard var sync = syncs.removeValue(forKey: number) else { return }
    switch sync.target {
    case .file(let handle, let file):
      if inodes[handle.inode]?.takeFailure(of: handle.number) == true {
        sync.error = sync.error ?? .failed("sync of \(file): writing it back failed before")
      }
      finish(handle.inode, sync)
    case .folder: finishFolder(sync)
    }
    if let error = sync.error {
      sync.continuation.resume(returning: .failure(error))
    } else {
      rot()
      sync.continuation.resume(returning: .success(()))
    }
  }

  /// Forgets syncs whose process is no more.
  ///
  /// Nothing of theirs became durable for sure.
  mutating func dropSyncs(where isOver: (PendingSync) -> Bool) {
    for number in syncs.keys.sorted() {
      guard let sync = syncs[number], isOver(sync) else { continue }
      syncs[number] = nil
      if let timer = sync.timer { world.cancel(timer) }
      sync.continuation.resume(returning: .failure(.powerOff))
    }
  }

  private mutating func finish(_ number: Int, _ sync: PendingSync) {
    guard var inode = inodes[number] else { return }
    var covered = inode.takeChanges(below: sync.mark)
    if sync.error != nil {
      // As Linux has it: the pages are clean now, so no later sync will write them, and which of
      // them reached the disk nobody knows.
      counts[.lostSector] += inode.settle(covered, .drawn, using: &random)
      inodes[number] = inode
      return
    }
    if random.chance(faults[.misdirectedWrite]),
      let astray = random.element(of: covered.indices.filter { !covered[$0].bytes.isEmpty })
    {
      let change = covered[astray]
      covered[astray] = change.withoutBytes
      inode.commit(covered)
      inode.uncache(change, notIn: covered[astray...])
      inodes[number] = inode
      misdirect(change)
    } else {
      inode.commit(covered)
      inodes[number] = inode
    }
  }

  private mutating func finishFolder(_ sync: PendingSync) {
    if sync.error == nil {
      directory.commit(below: sync.mark)
    } else {
      isReadOnly = true
      counts[.lostName] += directory.settle(
        below: sync.mark,
        .drawn,
        mayReorder: faults.namesMayReorder,
        using: &random
      )
    }
    for inode in inodes.keys.sorted() { collect(inode) }
  }
}
