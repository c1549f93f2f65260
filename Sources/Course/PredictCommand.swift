import ArgumentParser

/// `course predict`: a guess first, then the answer.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Asks what you expect, and shows the answer when you have said it.",
    discussion: """
      The questions are those of the chapter's section Predict. Nothing is graded, and nothing is \
      kept. Where no terminal is, lines of the standard input are your answers.
      """
  )

  @Argument(help: "The chapter: 4.")
  var number: Int

  @Option(help: "Only the guesses of this part of it; the page before part 1 is 0.")
  var part: Int?

  func run() throws {
    let project = try Project.find()
    let texts =
      try part.map { try project.predictions(of: number, part: $0) }
      ?? project.predictions(of: number)
    guard !texts.isEmpty else { throw CourseError("chapter \(number) asks for no predictions") }
    Quiz(texts).run(ask: Terminal.ask)
  }
}

/// Questions, asked one by one.
struct Quiz {
  private let texts: [(text: String, items: [Predictions.Item])]

  /// The questions of some texts, each with its path.
  init(_ texts: [(text: String, items: [Predictions.Item])]) {
    self.texts = texts
  }

  /// Asks them all.
  ///
  /// - Parameters:
  ///   - ask: Asks for a line, with these words; `nil` at the end of what is typed, from which on
  ///     answers follow their questions at once.
  ///   - tell: Prints some lines.
  func run(ask: (String) -> String?, tell: (String) -> Void = { print($0) }) {
    tell("What do you expect? Being wrong is the best way to remember. Enter passes, q ends.")
    var hasInput = true
    for (place, text) in texts.enumerated() {
      tell("\n" + text.text)
      if place > 0 { tell("(for when you have read that part up to its guesses; q ends here)") }
      for (index, item) in text.items.enumerated() {
        tell("\n\(index + 1) of \(text.items.count)\n" + item.question.prose(indentation: 2))
        if hasInput {
          let guess = ask("you: ")
          if guess == "q" { return }
          hasInput = guess != nil
        }
        tell("\nThe chapter says:\n" + item.answer.prose(indentation: 2))
      }
    }
  }
}
