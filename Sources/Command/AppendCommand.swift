import ArgumentParser
import CorfuRepl

/// `corfu append`: every line of the input becomes an entry.
struct AppendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Append every line of the standard input, or of a file, as an entry.",
    discussion: """
      Entries are lines without the new line at their end. How many were acknowledged, which means \
      that they are safe on disk, is told at the end on standard error.

      'corfu scan --raw' gives the file back, byte for byte, whatever is in it. A line of more \
      than 1 MiB stands in pieces, and they and a last line without a new line say that none \
      follows. (In a folder of stages 1 to 6 nothing says so: a last line gets a new line, and one \
      that is too long ends the append.)

      Lines go out together. On a cluster they may change places when a node dies meanwhile: \
      'scan --raw' puts that right, and shows each in its place in the file, not in the log. Where \
      positions must be in order a writer appends one after the other.

      A cluster that does not answer is waited for, up to a minute at a time.
      """
  )

  @OptionGroup var options: DataOptions

  @Argument(help: "The file (default: the standard input).")
  var file: String?

  @Flag(help: "Print each entry's position as soon as the entry is safe on disk.")
  var printPositions = false

  @Flag(help: "Print what was done as a JSON document.")
  var json = false

  func validate() throws {
    if json, printPositions {
      throw ValidationError("--json and --print-positions exclude each other: give one of them")
    }
  }

  func run() async throws {
    if file == nil, Terminal.isInteractive {
      let errors = Output.standardError()
      try errors.line("Type entries, a line each; Ctrl-D ends.")
      try errors.flush()
    }
    // Before a log is made for what there is not.
    if let file { try Command.Source.checkThatThereIs(file) }
    let source = file.map { Command.Source.file($0) } ?? .input
    try await Shell.run(
      .appendLines(of: source, reports: printPositions ? .positions : .summary),
      on: options,
      mode: json ? .json : .table,
      output: json || printPositions ? .standardOutput() : .standardError(),
      for: .writing
    )
  }
}
