import ArgumentParser

/// The course's own program.
@main
struct Course: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course",
    abstract: "Build CORFU, chapter by chapter: shows where you are and what comes next.",
    subcommands: [
      StatusCommand.self, PredictCommand.self, CheckCommand.self, ReplayCommand.self,
      HintCommand.self, SolutionCommand.self, ResetCommand.self, UpdateCommand.self,
      ReplCommand.self, DoctorCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "For authors",
        subcommands: [GenerateCommand.self, WeaveCommand.self, VerifyCommand.self, NewCommand.self]
      )
    ],
    defaultSubcommand: StatusCommand.self
  )
}

/// Why something could not be done, and what to do about it.
struct CourseError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
