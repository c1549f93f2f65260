internal import CorfuClient
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
    // It may see changes before the log is cut under it, and is told so in the end.
    try await proveName()
    try await runtime.replay(item, as: State.self, body)
    try await proveName()
  }

  /// Which entry before a position last wrote a key, as far back as the log goes.
  ///
  /// - Throws: ``ObjectError``.
  public func lastWrite(
    of key: LogKey,
    before position: Position
  ) async throws(ObjectError) -> LastWrite {
    let last = try await runtime.lastWrite(of: key, in: item, as: State.self, before: position)
    try await proveName()
    return last
  }
}

/// Where a key of an object was written last.
public enum LastWrite: Hashable, Sendable {
  /// By the entry there.
  case at(Position)
  /// Nowhere: the key was never written.
  case nowhere
  /// Not from there on. What stood before is trimmed, and only the object itself tells of it.
  case forgotten(before: Position)
}
