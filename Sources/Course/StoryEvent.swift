/// A line of a failure's story, understood as far as a drawing needs it.
enum StoryEvent: Equatable {
  /// `c1 -> seq B  reserve(3)  <- 0..<3`: somebody asks, and is answered, or not.
  case call(Call)
  /// `c1 is told: lost`: something that one of them does or learns.
  case note(who: String, what: String)
  /// `before: c1 and n2 hear nothing of each other`: something that is said of all.
  case remark(String)
  /// `---- kill seq, restart at epoch 3 ----`: something that happens to somebody, or to all.
  case strike(String, crashes: Bool, restarts: Bool)

  /// A question and what came of it.
  struct Call: Equatable {
    /// Who asks, and whom.
    var from: String
    var to: String
    /// What is asked.
    var what: String
    /// What comes back; `nil` if the line does not say.
    var answer: String?
  }

  /// Who asks, where a line names neither: the check itself, and the part under test.
  static let caller = "the check"
  static let callee = "your part"

  /// Reads a line.
  init(_ line: String) {
    let arrow = "  <- "
    if line.hasPrefix("----") {
      let what = line.trimming { $0 == "-" || $0 == " " }
      self = .strike(
        what,
        crashes: Self.crashWords.contains { what.contains($0) },
        restarts: Self.restartWords.contains { what.contains($0) }
      )
      return
    }
    let halves = line.firstRange(of: arrow)
    let question = String(line[..<(halves?.lowerBound ?? line.endIndex)])
    let answer = halves.map { String(line[$0.upperBound...]) }
    if let call = Self.call(question, answer) {
      self = .call(call)
    } else if let answer, !question.hasPrefix("before: ") {
      let call = Call(from: Self.caller, to: Self.callee, what: question, answer: answer)
      self = .call(call)
    } else {
      self = .remark(line)
    }
  }

  /// `who -> whom  what`: names are short, and two blanks end them.
  private static func call(_ question: String, _ answer: String?) -> Call? {
    guard let arrow = question.firstRange(of: " -> ") else { return nil }
    let from = String(question[..<arrow.lowerBound])
    let rest = question[arrow.upperBound...]
    guard let gap = rest.firstRange(of: "  "), isName(from) else { return nil }
    let to = String(rest[..<gap.lowerBound])
    let what = rest[gap.upperBound...].drop { $0 == " " }
    guard isName(to) else { return nil }
    return Call(from: from, to: to, what: String(what), answer: answer)
  }

  private static func isName(_ text: String) -> Bool {
    text.count <= 16 && text.split(separator: " ").count <= 2 && !text.contains(":")
  }

  private static let crashWords = ["kill", "crash", "power goes", "dies", "is dead"]
  private static let restartWords = [
    "restart at", "starts again", "start it again", "comes back", "is up again",
  ]

  /// The same event, told of somebody where it begins with the name of one of them.
  func named(by names: [String]) -> StoryEvent {
    guard case .remark(let line) = self else { return self }
    // The longest first: `seq B` before `seq`.
    for name in names.sorted(by: { $0.count > $1.count }) where line.hasPrefix(name) {
      let rest = line.dropFirst(name.count)
      guard let next = rest.first, next == " " || next == "," else { continue }
      return .note(who: name, what: String(rest.drop { $0 == " " || $0 == "," }))
    }
    return self
  }
}

extension String {
  /// Without what a condition holds for, at both ends.
  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
    let begun = drop(while: isBlank)
    guard let last = begun.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(begun[...last])
  }
}
