/// A trace, told one event at a time.
struct Stepper {
  private let trace: Trace

  /// Stands before the first event of a trace.
  init(_ trace: Trace) {
    self.trace = trace
  }

  /// All of it at once.
  var whole: String {
    let events = trace.events.indices.map { line($0) }
    return ([trace.headline] + events + trace.verdict.map { "     " + $0 } + ["", again])
      .joined(separator: "\n")
  }

  /// Goes through it.
  ///
  /// - Parameters:
  ///   - ask: Asks for a line, with these words; `nil` at the end of what is typed, after which the
  ///     rest is told without further questions.
  ///   - tell: Prints a line.
  func run(ask: (String) -> String?, tell: (String) -> Void = { print($0) }) {
    tell(trace.headline)
    tell("Which is the first event that should not have happened?")
    var index = 0
    var hasInput = true
    while index < trace.events.count {
      tell(line(index))
      index += 1
      guard hasInput, index < trace.events.count else { continue }
      switch ask("[\(index) of \(trace.events.count)] Enter: next, b: back, q: end ") {
      case nil: hasInput = false
      case "q": return
      case "b": index = max(0, index - 2)
      case let words?:
        // A number leads there.
        if let number = Int(words), (1...trace.events.count).contains(number) { index = number - 1 }
      }
    }
    for line in trace.verdict { tell("     " + line) }
    tell(again)
  }

  private func line(_ index: Int) -> String {
    let width = String(trace.events.count).count
    let number = String(index + 1)
    let blanks = String(repeating: " ", count: width - number.count)
    return "  \(blanks)\(number)  \(trace.events[index])"
  }

  private var again: String {
    "after a change: swift run course check \(trace.check) --seed \(trace.seed) --runs 1"
  }
}
