import CReadline

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The prompt on a terminal: editing, history and completion by GNU Readline.
///
/// There is one per process, because Readline has one state; it is used from one task.
public final class Terminal {
  /// What came from the keyboard.
  public enum Input: Equatable, Sendable {
    /// A line.
    case line(String)
    /// Ctrl-C: the line is gone, go on.
    case interrupted
    /// Ctrl-D.
    case end
  }

  private var history: History

  /// Prepares the terminal for a stage's commands.
  ///
  /// From now on Ctrl-C no longer ends the process.
  public init(stage: Int) {
    corfu_prompt_setup(complete, Int32(stage), Int32(History.linesMax))
    history = History()
    Interruption.catchFromNowOn()
  }

  /// Whether a person sits at both ends: input and output are terminals.
  public static var isInteractive: Bool {
    SystemCall.isTerminal(SystemCall.input) && SystemCall.isTerminal(SystemCall.output)
  }

  /// Prepares the process's streams; to be called before any file is opened.
  ///
  /// Writing to a closed pipe becomes an error to handle, and not the end of the process. A stream
  /// that is closed is replaced by nothing: else the next file opened would get its number, and
  /// what is printed would be written into that file.
  public static func prepareStreams() {
    corfu_ignore_broken_pipes()
    SystemCall.occupyStreams()
  }

  /// Reads a line.
  ///
  /// Waits for it without letting other work of this thread go on.
  public func readLine(prompt: String) -> Input {
    var line: UnsafeMutablePointer<CChar>?
    let ending = corfu_prompt_read(prompt, &line)
    defer { free(line) }
    if Int(ending) == corfu_prompt_interrupted { return .interrupted }
    guard let line else { return .end }
    let text = String(cString: line)
    history.add(text)
    return .line(text)
  }
}

/// Called by Readline through C when Tab is pressed.
private let complete: corfu_completer = { line, start, _, stage in
  guard let line else { return nil }
  let before = UnsafeRawBufferPointer(start: line, count: Int(start))
  switch Completion.after(String(decoding: before, as: UTF8.self), stage: Int(stage)) {
  case .words(let words): return strdup(words.joined(separator: "\n"))
  case .nothing: return strdup("")
  case .files: return nil
  }
}
