import Foundation

/// The learner's terminal, or what stands in its place.
enum Terminal {
  /// Whether somebody sits there to answer.
  static var isInteractive: Bool { isatty(FileHandle.standardInput.fileDescriptor) == 1 }

  /// Asks for a line.
  ///
  /// Where nobody sits, question and answer are printed once there is an answer.
  ///
  /// - Parameter words: The question.
  /// - Returns: What was typed, without blanks around it; `nil` at the end.
  static func ask(_ words: String) -> String? {
    if isInteractive {
      FileHandle.standardOutput.write(Data(words.utf8))
    }
    let line = readLine()?.trimmingCharacters(in: .whitespaces)
    if let line, !line.isEmpty, !isInteractive { print(words + line) }
    return line
  }
}
