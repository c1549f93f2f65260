/// A conversation written down: what was typed and what came back.
///
/// Lines that begin with `corfu> ` were typed; what follows, up to the next of them, is what was
/// printed, errors included. What stands before the first is the header, in which a line like `#
/// stage 1, memory, seed 7` says what session it is about. The same files are tests, and the
/// sessions shown in the course.
public struct Transcript: Equatable, Sendable {
  /// The session a transcript asks for.
  public struct Settings: Equatable, Sendable {
    /// The stage: `stage 2`.
    public var stage = 1
    /// What chance is seeded with: `seed 7`.
    public var seed: UInt64 = 0
    /// The columns of a line: `width 80`.
    public var width = 100
    /// All other words of the line, in order: `memory`.
    public var words: [String] = []

    /// Stage 1, seed 0, 100 columns.
    public init() {}
  }

  /// A line typed, and what came back.
  public struct Step: Equatable, Sendable {
    /// What was typed.
    public let input: String
    /// The lines that came back.
    public var output: [String]
    /// Where it stands in the file, from 1.
    public let line: Int
    /// How many empty lines separate it from the next.
    fileprivate let gap: Int
  }

  /// A step that went otherwise than written.
  public struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The step as it is written.
    public let expected: Step
    /// What came back now.
    public let actual: [String]

    /// The words for people.
    public var description: String {
      """
      line \(expected.line): \(Prompt.text)\(expected.input)
      expected:
      \(expected.output.map { "  | " + $0 }.joined(separator: "\n"))
      printed:
      \(actual.map { "  | " + $0 }.joined(separator: "\n"))
      """
    }
  }

  /// The session it is about.
  public let settings: Settings
  /// The steps in order.
  public private(set) var steps: [Step]
  private let header: [String]

  /// Reads a transcript.
  ///
  /// Any text is one, if only a header.
  public init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    if lines.last == "" { lines.removeLast() }
    let starts = lines.indices.filter { Self.input(lines[$0]) != nil }
    header = Array(lines[..<(starts.first ?? lines.endIndex)])
    settings = Self.settings(header)
    steps = []
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : lines.endIndex
      var output = Array(lines[(start + 1)..<end])
      var gap = 0
      while output.last == "" {
        output.removeLast()
        gap += 1
      }
      let input = Self.input(lines[start]) ?? ""
      steps.append(Step(input: input, output: output, line: start + 1, gap: gap))
    }
  }

  /// The transcript as text, as it is read.
  public var text: String {
    var lines = header
    for step in steps {
      lines.append(step.input.isEmpty ? "corfu>" : Prompt.text + step.input)
      lines += step.output + [String](repeating: "", count: step.gap)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Types everything again on a session, and returns the transcript of that.
  ///
  /// Closes the session.
  ///
  /// Throws ``ReplError/log(_:)`` if the log could not be closed.
  public func replayed(
    on session: any ReplSession
  ) async throws(ReplError) -> Transcript {
    let output = Output.captured(width: settings.width)
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: output,
      clock: StillClock(),
      tellsNews: true
    )
    var replayed = self
    for index in steps.indices {
      let outcome = await interpreter.run(Array(steps[index].input.utf8))
      let printed = String(decoding: output.take(), as: UTF8.self)
      var lines = printed.split(separator: "\n", omittingEmptySubsequences: false).map {
        String($0)
      }
      // The end of the last line; and empty lines at the end are layout, not output.
      while lines.last == "" { lines.removeLast() }
      replayed.steps[index].output = lines
      if outcome == .leave { break }
    }
    try await session.close()
    return replayed
  }

  /// Takes what came back from elsewhere, for each step in turn.
  public mutating func replaceOutputs(with outputs: [[String]]) {
    for (index, output) in zip(steps.indices, outputs) {
      var lines = output
      while lines.last == "" { lines.removeLast() }
      steps[index].output = lines
    }
  }

  /// Where another run of the same steps went otherwise.
  public func differences(to actual: Transcript) -> [Difference] {
    zip(steps, actual.steps).filter { $0.output != $1.output }.map {
      Difference(expected: $0, actual: $1.output)
    }
  }

  private static func input(_ line: String) -> String? {
    if line.hasPrefix(Prompt.text) { return String(line.dropFirst(Prompt.text.count)) }
    return line == "corfu>" ? "" : nil
  }

  private static func settings(_ header: [String]) -> Settings {
    var settings = Settings()
    guard let line = header.first(where: { $0.hasPrefix("# stage ") }) else { return settings }
    for part in line.dropFirst(2).split(separator: ",") {
      let words = part.split(separator: " ")
      guard let name = words.first else { continue }
      let value = words.count == 2 ? words[1] : ""
      switch name {
      case "stage": settings.stage = Int(value) ?? settings.stage
      case "seed": settings.seed = UInt64(value) ?? settings.seed
      case "width": settings.width = Int(value) ?? settings.width
      default: settings.words.append(words.joined(separator: " "))
      }
    }
    return settings
  }
}
