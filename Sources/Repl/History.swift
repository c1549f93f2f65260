import CReadline

/// The lines typed in earlier sessions: a file with a line for each, private to its owner.
///
/// Each line is added when it is entered, so that two prompts at once keep both their lines. A
/// history that cannot be kept is no reason to stop anybody from working, so its errors are left
/// aside.
struct History {
  /// How many lines are kept.
  static let linesMax = 2000

  private let file: String?
  private var last = ""

  /// The history of this user: `CORFU_HISTORY`, or `~/.corfu_history`.
  init() {
    let home = SystemCall.environment("HOME").map { $0 + "/.corfu_history" }
    file = SystemCall.environment("CORFU_HISTORY") ?? home
    load()
  }

  /// Adds a line, unless it is blank, begins with a blank, or is the one before again.
  mutating func add(_ line: String) {
    for part in line.split(whereSeparator: \.isNewline) {
      guard part.first != " ", !part.allSatisfy(\.isWhitespace), part != last else { continue }
      last = String(part)
      corfu_history_add(last)
      append([last])
    }
  }

  private mutating func load() {
    // The first start has no file yet.
    guard let file, let lines = try? Self.lines(of: file) else { return }
    for line in lines.suffix(Self.linesMax) { corfu_history_add(line) }
    last = lines.last ?? ""
    // Now and then the file is cut back to what is kept.
    guard lines.count > Self.linesMax + Self.linesMax / 2 else { return }
    // A file that cannot be written stays as it is.
    guard let descriptor = try? SystemCall.openForWriting(file) else { return }
    SystemCall.close(descriptor)
    append(Array(lines.suffix(Self.linesMax)))
  }

  private static func lines(of file: String) throws(ReplError) -> [String] {
    let reader = try LineReader(file: file)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  private func append(_ lines: [String]) {
    guard let file else { return }
    let descriptor = SystemCall.openForAppending(file)
    guard descriptor >= 0 else { return }
    defer { SystemCall.close(descriptor) }
    let text = lines.map { $0 + "\n" }.joined()
    // A full disk loses a line of history and nothing else.
    try? SystemCall.write(Array(text.utf8), to: descriptor, name: file)
  }
}
