import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Foundation

/// The stages that this program has.
let stages = [1, 2, 3, 4, 5, 6, 7]

/// The newest of them.
let stageMax = 8

/// What a session is wanted for.
enum Purpose {
  /// To look on, so that others can write meanwhile.
  case looking
  /// To read: one that cannot be opened for writing is looked at.
  case reading
  /// To write: a log that is not there is made.
  case writing
  /// For what will be typed: a log that is not there is made, and one that may not be written is
  /// looked at.
  case anything
}

/// Opens the log that the options name.
///
/// - Parameters:
///   - options: The stage, and where the log is.
///   - purpose: What it is wanted for.
/// - Returns: The session; the caller closes it.
/// - Throws: ``ReplError``, with a text that says what to do.
func openSession(
  _ options: SessionOptions,
  for purpose: Purpose
) async throws(ReplError) -> any ReplSession {
  if let addresses = try options.addresses() {
    return try await openConnected(
      to: addresses,
      security: try options.security(),
      // A file that is half appended helps nobody: a cluster that mends itself is waited for.
      persistence: purpose == .writing ? .seconds(60) : nil
    )
  }
  let stage = try options.stage()
  if let folder = options.folder { try FolderContent.check(folder, fits: stage) }
  if stage >= 5 { return try await openCluster(options, stage: stage, for: purpose) }
  if stage == 3 || stage == 4 {
    return try await openMirrors(options, stage: stage, for: purpose)
  }
  guard let folder = options.folder else {
    if stage == 2 {
      return try SimulatedSession<Stage2<SimulatedDevice, Sequencer>>(seed: options.seed)
    }
    return try SimulatedSession<Stage1<SimulatedDevice, TailRace>>(seed: options.seed)
  }
  switch purpose {
  case .looking: return try WatchingSession(folder: folder)
  case .writing: return try await openFolder(folder, stage: stage)
  case .reading:
    // A look first: it makes no folder, and tells of one that is not there.
    _ = try WatchingSession(folder: folder)
    do {
      return try await openFolder(folder, stage: stage)
    } catch .diskFull {
      // Reading needs no room.
      return try WatchingSession(folder: folder, because: .diskFull)
    } catch {
      guard let reason = WatchingSession.reason(for: folder) else { throw error }
      return try WatchingSession(folder: folder, because: reason)
    }
  case .anything:
    do {
      return try await openFolder(folder, stage: stage)
    } catch {
      guard WatchingSession.reason(for: folder) == .noPermission else { throw error }
      // Without a log to look at, the reason why none can be made is what counts.
      let session = try? WatchingSession(folder: folder, because: .noPermission)
      guard let session else { throw error }
      return session
    }
  }
}

private func openCluster(
  _ options: SessionOptions,
  stage: Int,
  for purpose: Purpose
) async throws(ReplError) -> any ReplSession {
  guard let folder = options.folder else {
    return try await ClusterSessions.simulated(
      stage: stage,
      seed: options.seed,
      shape: options.shape ?? EmbeddedShape(),
      parts: ReferenceParts.self
    )
  }
  // Reading makes nothing: there must be a cluster.
  if purpose != .writing, purpose != .anything {
    try ClusterSessions.find(stage: stage, in: folder)
  }
  return try await openUnits(in: folder, stage: stage, for: purpose) { () throws(ReplError) in
    try await ClusterSessions.onFiles(
      stage: stage,
      in: folder,
      shape: options.shape,
      clock: ContinuousClock(),
      date: { Date().ISO8601Format() },
      parts: ReferenceParts.self
    )
  }
}

/// Opens the folders of several units, or looks at them where that is wanted, or all that can be
/// done.
private func openUnits(
  in folder: String,
  stage: Int,
  for purpose: Purpose,
  _ open: () async throws(ReplError) -> any ReplSession
) async throws(ReplError) -> any ReplSession {
  if purpose == .looking { return try WatchingUnits(stage: stage, folder: folder) }
  do {
    return try await open()
  } catch {
    guard let reason = WatchingUnits.reason(for: folder),
      purpose == .reading || (purpose == .anything && reason == .noPermission)
    else { throw error }
    // Without a log to look at, the reason why none can be opened is what counts.
    let session = try? WatchingUnits(stage: stage, folder: folder, because: reason)
    guard let session else { throw error }
    return session
  }
}

private func openMirrors(
  _ options: SessionOptions,
  stage: Int,
  for purpose: Purpose
) async throws(ReplError) -> any ReplSession {
  guard let folder = options.folder else {
    return try await ClusterSessions.simulatedMirrors(
      stage: stage,
      seed: options.seed,
      shape: options.shape ?? EmbeddedShape(),
      parts: ReferenceCopyParts.self
    )
  }
  // Reading makes nothing: there must be a log.
  if purpose != .writing, purpose != .anything {
    try ClusterSessions.findMirrors(stage: stage, in: folder)
  }
  return try await openUnits(in: folder, stage: stage, for: purpose) { () throws(ReplError) in
    try await ClusterSessions.mirrored(
      stage: stage,
      in: folder,
      shape: options.shape,
      clock: ContinuousClock(),
      parts: ReferenceCopyParts.self
    )
  }
}

private func openFolder(_ folder: String, stage: Int) async throws(ReplError) -> any ReplSession {
  let clock = ContinuousClock()
  if stage == 2 {
    return try await FileSession<Stage2<FileDevice, Sequencer>>(folder: folder, clock: clock)
  }
  return try await FileSession<Stage1<FileDevice, TailRace>>(folder: folder, clock: clock)
}

/// Looks at a unit's files without opening the log they hold.
func openInspector(folder: String) throws(ReplError) -> FolderInspector {
  if case .process = try FolderContent.checkIsUnit(folder) {
    return FolderInspector(folder: folder, isOfNode: true)
  }
  return FolderInspector(folder: folder)
}
