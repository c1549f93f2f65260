/// A line that moves while long work is done: on a terminal only, and only if it really takes long.
struct Progress {
  private let output: Output
  private let stopwatch: Stopwatch
  private let what: String
  private var next = Duration.milliseconds(500)
  private var isShown = false

  /// Progress of something that is counted in `what`: "lines".
  init(on output: Output, stopwatch: Stopwatch, counting what: String) {
    self.output = output
    self.stopwatch = stopwatch
    self.what = what
  }

  /// Tells how much is done: `part` of `whole`, if that is known, and how many things.
  mutating func update(part: Int, whole: Int?, count: Int) throws(ReplError) {
    guard output.isTerminal else { return }
    let elapsed = stopwatch.elapsed()
    guard elapsed >= next else { return }
    next = elapsed + .milliseconds(100)
    isShown = true
    let seconds = elapsed / .seconds(1)
    let perSecond = Int(Double(count) / max(seconds, 0.001))
    let rate = perSecond > 0 ? "  \(Numbers.grouped(perSecond))/s" : ""
    let bar = whole.map { Self.bar(part: part, whole: $0) + "  " } ?? ""
    let text = "\(bar)\(Numbers.grouped(count)) \(what)\(rate)"
    try output.write("\r\u{1b}[K\(text.prefix(max(10, (output.width ?? 80) - 1)))".utf8)
    try output.flush()
  }

  /// Takes the line away.
  mutating func end() throws(ReplError) {
    guard isShown else { return }
    isShown = false
    try output.write("\r\u{1b}[K".utf8)
    try output.flush()
  }

  /// A bar of `width` characters: `[########............]  40%`.
  static func bar(part: Int, whole: Int, width: Int = 30) -> String {
    let share = whole > 0 ? min(1, max(0, Double(part) / Double(whole))) : 1
    let done = Int(share * Double(width))
    let percent = String(Int(share * 100))
    return "[" + String(repeating: "#", count: done) + String(repeating: ".", count: width - done)
      + "] " + String(repeating: " ", count: 3 - percent.count) + percent + "%"
  }
}
