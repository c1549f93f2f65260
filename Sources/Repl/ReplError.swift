public import CorfuGlobalLog

/// Why a command was understood but not done, or not to its end.
public indirect enum ReplError: Error, Hashable, Sendable {
  /// The line was not understood; nothing was done.
  case syntax(SyntaxError)
  /// One of several commands of a line was not understood, so that none of them was done.
  case lineDropped(SyntaxError)
  /// The log refused or failed.
  case log(LogError)
  /// This session cannot do that. The text says why and what to do instead.
  case refused(String)
  /// The disk has not even room to open the log in this folder for writing.
  case diskFull(folder: String)
  /// A file could not be read or written.
  case file(String, reason: String)
  /// A line of a file is too long; the lines before it were appended, or run.
  case lineTooLong(Int, of: String, bytesMax: Int)
  /// An append of many lines stopped; the text says what was appended before, the number of how
  /// many nobody knows it.
  case stopped(ReplError, appended: String, unclear: Int)
  /// A trim failed, and may have had an effect.
  case trimUnclear(ReplError)
  /// Verification found damage, which was listed: so many files are damaged, and this is wrong
  /// besides.
  case damaged(files: Int, flaws: [String])
  /// Ctrl-C.
  case cancelled
  /// Ctrl-C again, but as the proper end of what has no other; what was to be said is said.
  case ended
  /// Nobody reads the results any more, as after `| head`. No failure: one stops quietly.
  case outputClosed
}

extension ReplError: CustomStringConvertible {
  /// The words for people.
  public var description: String {
    switch self {
    case .syntax(let error): error.description
    case .lineDropped(let error): "\(error); nothing of this line was done"
    case .log(.closed):
      "the log is closed: 'reopen' opens it again"
    case .log(.failed(.powerOff)):
      "the power is off: 'reopen' turns it on and recovers the log"
    case .log(.failed(.inUse(let folder))):
      "\(folder): another process has this log open; here it can only be read"
    case .log(.failed(.noPermission(let name))):
      "\(name): permission denied; here the log can only be read"
    case .log(let error): error.description
    case .refused(let reason): reason
    case .diskFull(let folder):
      "\(folder): the disk is too full to open the log; make some room on it"
    case .file(let name, let reason): "\(name): \(reason)"
    case .lineTooLong(let number, let name, let bytesMax):
      "line \(number) of \(name) is longer than the limit of \(Numbers.grouped(bytesMax)) bytes"
    case .stopped(let error, let appended, let unclear):
      "\(error); before that, \(appended) appended"
        + (unclear > 0
          ? "; of the next \(Numbers.count(unclear, "line", "lines")) some may be in the log: "
            + "look before you append them again" : "")
    case .trimUnclear(let error):
      "\(error); some of it may be trimmed all the same: 'trim' again does no harm"
    case .damaged(let files, let flaws): Self.damageWords(files, flaws)
    case .cancelled, .ended: "cancelled"
    case .outputClosed: "nobody reads the output any more"
    }
  }

  private static func damageWords(_ files: Int, _ flaws: [String]) -> String {
    var words = flaws
    if files > 0 {
      words.insert("\(Numbers.count(files, "file is", "files are")) damaged", at: 0)
    }
    return (words + ["nothing was changed"]).joined(separator: "; ")
  }
}

extension ReplError {
  /// Whether a disk that may have lost something can be the cause.
  var mayComeOfDoubt: Bool {
    switch self {
    case .log(.unknown), .log(.indefinite): true
    case .stopped(let error, _, _), .trimUnclear(let error): error.mayComeOfDoubt
    case .syntax, .lineDropped, .log, .refused, .diskFull, .file, .lineTooLong, .damaged,
      .cancelled, .ended, .outputClosed:
      false
    }
  }
}
