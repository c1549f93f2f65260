import CorfuGlobalLog
import CorfuRepl

/// The newest stage that this program has.
let stageMax = 1

/// Opens the log that the options name.
///
/// - Parameters:
///   - options: The stage, and where the log is.
///   - creates: Whether a log that does not exist is made, and one that another process has open is
///     an error; else it is the other way round.
///   - watches: Whether to look on only, so that others can write meanwhile.
/// - Returns: The session; the caller closes it.
/// - Throws: ``ReplError``, with a text that says what to do.
func openSession(
  _ options: SessionOptions,
  creates: Bool,
  watches: Bool = false
) async throws(ReplError) -> any ReplSession {
  guard let folder = options.folder else {
    return try SimulatedSession<TailRace>(seed: options.seed)
  }
  if creates { return try await FileSession<TailRace>(folder: folder, clock: ContinuousClock()) }
  // A look first: it makes no folder, and tells of one that is not there.
  let watching = try WatchingSession(folder: folder)
  if watches { return watching }
  do {
    return try await FileSession<TailRace>(folder: folder, clock: ContinuousClock())
  } catch {
    if FileDevice(path: folder).isInUse { return watching }
    throw error
  }
}

/// Looks at a unit's files without opening the log they hold.
func openInspector(folder: String) async throws(ReplError) -> any UnitInspector {
  FolderInspector(folder: folder)
}
