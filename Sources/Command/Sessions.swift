import CorfuRepl

/// The newest stage that this program has.
let stageMax = 1

/// Opens the log that the options name.
///
/// - Parameters:
///   - options: the stage, and where the log is.
///   - creates: whether a log that does not exist is made; else it is an error.
/// - Returns: the session; the caller closes it.
/// - Throws: ``ReplError``, with a text that says what to do.
func openSession(
  _ options: SessionOptions,
  creates: Bool
) async throws(ReplError) -> any ReplSession {
  ModelSession(stage: options.stage, seed: options.seed)
}

/// Looks at a unit's files without opening the log they hold.
func openInspector(folder: String) async throws(ReplError) -> any UnitInspector {
  ModelSession()
}
