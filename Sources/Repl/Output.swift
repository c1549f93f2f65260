import CReadline
import Synchronization

/// Where results go: the screen, a pipe, a file, or a buffer for tests.
public final class Output: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var isOpen = true
  }

  private let descriptor: Int32?
  private let name: String
  private let fixedWidth: Int?
  private let state = Mutex(State())

  /// Whether a person looks at it.
  public let isTerminal: Bool

  /// Whether it may be coloured: on a terminal, unless NO_COLOR is set.
  public let usesColour: Bool

  /// Whether more than the characters of every terminal can be shown: there it depends on the
  /// language settings, and what is no terminal takes all.
  public let usesUnicode: Bool

  private init(descriptor: Int32?, name: String, fixedWidth: Int? = nil) {
    self.descriptor = descriptor
    self.name = name
    self.fixedWidth = fixedWidth
    isTerminal = descriptor.map { SystemCall.isTerminal($0) } ?? false
    let isDumb = SystemCall.environment("TERM") == "dumb"
    let settings = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { SystemCall.environment($0) }
    let setting = settings.first { !$0.isEmpty }?.lowercased() ?? ""
    let knowsAll = setting.contains("utf-8") || setting.contains("utf8")
    usesUnicode = !isTerminal || (!isDumb && knowsAll)
    usesColour = isTerminal && !isDumb && SystemCall.environment("NO_COLOR") == nil
  }

  deinit {
    if let descriptor, descriptor > SystemCall.errors { SystemCall.close(descriptor) }
  }

  /// The process's standard output.
  public static func standardOutput() -> Output {
    Output(descriptor: SystemCall.output, name: "standard output")
  }

  /// The process's standard error.
  public static func standardError() -> Output {
    Output(descriptor: SystemCall.errors, name: "standard error")
  }

  /// A file, replaced if it exists.
  public static func file(_ name: String) throws(ReplError) -> Output {
    Output(descriptor: try SystemCall.openForWriting(name), name: name)
  }

  /// A buffer that keeps what is written, as if it were `width` columns wide.
  public static func captured(width: Int? = nil) -> Output {
    Output(descriptor: nil, name: "buffer", fixedWidth: width)
  }

  /// The columns of a line; nil if lines may be of any length.
  public var width: Int? {
    guard isTerminal, let descriptor else { return fixedWidth }
    let columns = Int(corfu_terminal_columns(descriptor))
    return columns > 0 ? columns : 80
  }

  /// Writes bytes, at the latest when ``flush()`` is called.
  public func write(_ bytes: some Sequence<UInt8>) throws(ReplError) {
    let isFull = state.withLock { state in
      state.bytes.append(contentsOf: bytes)
      return state.bytes.count >= 1 << 16
    }
    if isFull, descriptor != nil { try flush() }
  }

  /// Writes a line of text.
  public func line(_ text: String) throws(ReplError) {
    try write(text.utf8)
    try write(CollectionOfOne(UInt8(ascii: "\n")))
  }

  /// Hands everything written so far to the system.
  public func flush() throws(ReplError) {
    guard let descriptor else { return }
    let bytes = state.withLock { state in
      defer { state.bytes = [] }
      return state.isOpen ? state.bytes : []
    }
    do {
      try SystemCall.write(bytes, to: descriptor, name: name)
    } catch {
      // What cannot be written now is not kept for later: it would grow without end.
      state.withLock { $0.isOpen = false }
      throw error
    }
  }

  /// Takes out what a captured output holds.
  public func take() -> [UInt8] {
    state.withLock { state in
      defer { state.bytes = [] }
      return state.bytes
    }
  }
}
