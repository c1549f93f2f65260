internal import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

/// What can go wrong with objects and transactions, each case with its effect.
public enum ObjectError: Error, Hashable, Sendable {
  /// The log could not do it; its error tells whether there was an effect.
  case log(LogError)
  /// The transaction is off, and nothing of it is in the log.
  case aborted(AbortReason)
  /// An entry that the object needs was trimmed, and no checkpoint stands for it. No effect.
  case trimmed(StreamID, Position)
  /// An entry of the object's stream is no update of such an object: another program, or another
  /// type, wrote it. No effect.
  case undecodable(StreamID, Position)
  /// The update's type does not let itself be written, and says why. No effect.
  case unencodable(String)
  /// The object was made as another type, or is open here as one. No effect.
  case otherType(String)
  /// The name is empty or too long, or the directory knows it for something else. No effect.
  case badName(String)
}

/// Why a transaction is off, with nothing of it in the log.
public enum AbortReason: Hashable, Sendable {
  /// What it read was written by another entry before it committed (R34).
  case conflict(StreamID, key: LogKey?, at: Position)
  /// Another sequencer took over since it read, and does not know what moved (R37).
  case newSequencer(since: Epoch)
  /// It read so long ago that the sequencer has forgotten what moved since (R37).
  case forgotten(Position)
  /// It read so long ago that the object is not known as it was then, though the log may have it.
  case tooOld(Position)
  /// It read so long ago that what the object was then is forgotten: all that stands before the
  /// mark may be trimmed since (R37).
  case trimmed(Position, mark: Position)
  /// Its position was filled by somebody who was tired of waiting for it, or the sequencer's answer
  /// did not come (R36).
  case lost
  /// It is too large for one entry, or in more streams than an entry can be in (R35).
  case tooLarge(bytes: Int, streams: Int)
  /// Its own program called it off, and says why: ``Transaction/abort(_:)``.
  case user(String)
}

extension AbortReason {
  init(_ refusal: CommitRefusal) {
    switch refusal {
    case .conflict(let stream, let key, let position):
      // A key that is none of ours is shown as "all of the stream".
      self = .conflict(stream, key: key.flatMap { try? LogKey(canonicalBytes: $0) }, at: position)
    case .newSequencer(let epoch): self = .newSequencer(since: epoch)
    case .forgotten(let position): self = .forgotten(position)
    }
  }

  /// Whether the same may go well, read again.
  var isWorthAnotherTry: Bool {
    switch self {
    case .conflict, .newSequencer, .forgotten, .tooOld, .trimmed, .lost: true
    case .tooLarge, .user: false
    }
  }
}

extension AbortReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .conflict(_, let key?, let position):
      "conflict: \(key), which it read, was written again at \(position)"
    case .conflict(let stream, nil, let position):
      "conflict: stream \(stream), which it read, was written again at \(position)"
    case .newSequencer(let epoch):
      "another sequencer took over in epoch \(epoch), and nobody knows what moved before"
    case .forgotten(let position):
      "it read too long ago: the sequencer remembers only what moved since \(position)"
    case .tooOld(let position):
      "it read at \(position), and an object is not known as it was then"
    case .trimmed(let position, let mark):
      "it read at \(position), and what stands before \(mark) is forgotten since: an object is not "
        + "known as it was then"
    case .lost:
      "its position was lost: another client filled it, or the sequencer's answer did not come"
    case .tooLarge(let bytes, let streams):
      "too large for one entry: \(bytes) bytes in \(streams) streams"
    case .user(let why): why
    }
  }
}

extension Transaction {
  /// What to throw from the body to call the transaction off: nothing of it happens, it is not
  /// tried again, and whoever wanted it is told why.
  ///
  /// ```swift
  /// try await runtime.transaction { tx in
  ///   let money = try tx.read(account) { $0["money"] } ?? 0
  ///   if money < price { throw tx.abort("there is not enough money") }
  ///   try tx.update(account, .put("money", money - price))
  /// }
  /// ```
  ///
  /// - Parameter why: The reason, for people.
  /// - Returns: ``ObjectError/aborted(_:)`` with ``AbortReason/user(_:)``.
  public func abort(_ why: String) -> ObjectError { .aborted(.user(why)) }
}

extension ObjectError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .log(let error): "\(error)"
    case .aborted(let reason): "the transaction is off: \(reason)"
    case .trimmed(let stream, let position):
      "position \(position) of stream \(stream) is trimmed, and no checkpoint stands for it: "
        + "open the object from its newest checkpoint"
    case .undecodable(let stream, let position):
      "the entry at \(position) is no update of the object in stream \(stream): open it as the "
        + "type that wrote it"
    case .unencodable(let reason): "the update cannot be written: \(reason)"
    case .otherType(let name):
      "'\(name)' is an object of another type: open it as what it was made as"
    case .badName(let name):
      "'\(name)' cannot be a name here: 1 to 255 bytes, and not what another kind of thing has"
    }
  }
}
