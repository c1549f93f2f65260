internal import Corfu
public import CorfuGlobalLog

/// What one entry of the log did to an object.
public struct ObjectChange<State: ReplicatedState>: Sendable {
  /// Where the entry stands.
  public let position: Position
  /// Who wrote it.
  public let client: ClientID
  /// What the entry has for the object, in order; a transaction may have several.
  public let updates: [State.Update]
  /// The object afterwards.
  public let state: State
}

extension ReplicatedObject {
  /// Plays the object anew, and shows each change on the way: as far back as the log goes.
  ///
  /// What a trim has made the log forget begins as a checkpoint has it, and its changes are not
  /// shown.
  ///
  /// - Parameter body: Looks at each change, the oldest first.
  /// - Throws: ``ObjectError``.
  public func replay(_ body: (ObjectChange<State>) -> Void) async throws(ObjectError) {
    try await runtime.replay(item, as: State.self, body)
  }

  /// Where an entry before a position last wrote a key, as far back as the log goes.
  ///
  /// - Returns: The position; `nil` if there is none.
  /// - Throws: ``ObjectError``.
  public func lastWrite(
    of key: LogKey,
    before position: Position
  ) async throws(ObjectError) -> Position? {
    try await runtime.lastWrite(of: key, in: item, as: State.self, before: position)
  }
}
