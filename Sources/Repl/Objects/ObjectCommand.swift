public import CorfuTransactions

/// A command about what programs keep in a log, understood.
///
/// Sessions, objects and streams are named as they were typed.
public enum ObjectCommand: Hashable, Sendable {
  /// Does something with a stream of plain entries, or with several at once.
  case stream([String], StreamAction)
  /// Looks at an object.
  case read(ObjectKind, String, ObjectQuestion)
  /// Looks at an object as it was when the log ended at a position.
  case readThen(PositionTerm, ObjectKind, String, ObjectQuestion)
  /// Changes an object.
  case update(ObjectKind, String, ObjectChangeWish)
  /// Shows what changed an object, or one key of it.
  case changes(String, LogKey?)
  /// Begins a transaction in a session; in the one in use if none is named.
  case begin(String?)
  /// Ends the transaction: all of it happens, or nothing.
  case commit
  /// Ends the transaction without a trace.
  case rollback
  /// Goes on as another session, which is made if it is new; `nil` shows them.
  case session(String?)
  /// Writes down what an object is; all of them, if none is named.
  case checkpoint(String?)
  /// Writes down by itself what has grown by so many positions; `nil` ends that.
  case checkpointEvery(Int?)
  /// Forgets all that nobody can want any more.
  case trim
  /// Shows which names the log knows.
  case list

  /// What can be done with a stream.
  public enum StreamAction: Hashable, Sendable {
    /// Puts an entry into it.
    case append([UInt8])
    /// Shows its entries, from a position on.
    case read(from: PositionTerm?)
    /// Shows where it ends.
    case tail
    /// Says that nobody wants its entries before a position.
    case trim(before: PositionTerm)
  }
}

/// The kinds of objects that the prompt knows.
public enum ObjectKind: String, CaseIterable, Hashable, Sendable {
  /// Values by key.
  case map
  /// A number that goes up and down.
  case counter
  /// Keys that are in it or not.
  case set
  /// Values in a row.
  case list
  /// Values that wait for their turn.
  case queue
  /// One value.
  case register
}

/// What can be asked of an object.
public enum ObjectQuestion: Hashable, Sendable {
  /// All that is in it.
  case all
  /// The first few of what is in it, and how many there are.
  case glance
  /// What a map has for a key.
  case value(of: LogKey)
  /// Whether a key is in a set.
  case has(LogKey)
  /// What a map has from one key up to another, which is not among them.
  case range(LogKey, LogKey)
}

/// What can be wished of an object: a change.
public enum ObjectChangeWish: Hashable, Sendable {
  /// Gives a key of a map a value.
  case put(LogKey, LogKey)
  /// Takes a key out of a map or a set.
  case remove(LogKey)
  /// Adds a number to a counter.
  case count(Int64)
  /// Puts a key into a set.
  case insert(LogKey)
  /// Puts a value at the end of a list or a queue.
  case append(LogKey)
  /// Puts a value before the one at an index of a list.
  case insertValue(LogKey, at: Int)
  /// Gives an index of a list another value.
  case setValue(LogKey, at: Int)
  /// Takes the value at an index out of a list.
  case removeValue(at: Int)
  /// Takes the first value out of a queue.
  case pop
  /// Writes a register.
  case write(LogKey?)
  /// Writes a register if it has this value.
  case compareAndSet(LogKey?, LogKey?)
}

extension ObjectCommand {
  /// Whether it leaves the log as it is.
  var isReading: Bool {
    switch self {
    case .stream(_, .read), .stream(_, .tail), .read, .readThen, .changes, .list: true
    case .stream(_, .append), .stream(_, .trim), .update, .begin, .commit, .rollback, .session,
      .checkpoint, .checkpointEvery, .trim:
      false
    }
  }

  /// Whether it may have put something into the log that makes checkpoints due.
  var isGrowth: Bool {
    switch self {
    case .stream(_, .append), .update, .commit: true
    case .stream(_, .read), .stream(_, .tail), .stream(_, .trim), .read, .readThen, .changes, .list,
      .begin, .rollback, .session, .checkpoint, .checkpointEvery, .trim:
      false
    }
  }
}
