import ArgumentParser

/// `course update`: what is new in the starters, after a new version of the course was pulled.
struct UpdateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Shows what is new in the starters. Your files are kept as they are.",
    discussion: """
      After 'git pull' a signature may have changed. With --take, what you wrote is carried over \
      into the new starter where that is possible; what you had is kept in .course/backup.
      """
  )

  @Argument(help: "An exercise (1.3) or a chapter (1). All, if left out.")
  var id: String?

  @Flag(help: "Take the new starters over into your files.")
  var take = false

  func run() throws {
    let project = try Project.find()
    let exercises = try project.exercises(named: id)
    var isNews = false
    for exercise in exercises {
      guard let update = try project.update(of: exercise) else {
        isNews = true
        let cure = "swift run course reset \(exercise.id)"
        print("\(exercise.id)  \(exercise.starter) is missing: \(cure)")
        continue
      }
      if update.isCurrent {
        try project.noteStarter(of: exercise)
        continue
      }
      isNews = true
      if take {
        try takeOver(update, of: exercise, in: project)
      } else {
        try show(update, of: exercise, in: project)
      }
    }
    if !isNews {
      print(exercises.count == 1 ? "Your file fits." : "All \(exercises.count) files fit.")
    }
  }

  private func show(
    _ update: StarterUpdate,
    of exercise: Exercise,
    in project: Project
  ) throws(CourseError) {
    let old = update.base == nil ? "what you have, your own lines with it" : "what you began with"
    print("\(exercise.id)  \(exercise.starter) has a new starter: - \(old), + what is new\n")
    print(try project.difference(update, of: exercise))
    print("take it over: swift run course update \(exercise.id) --take     (yours is kept)\n")
  }

  private func takeOver(
    _ update: StarterUpdate,
    of exercise: Exercise,
    in project: Project
  ) throws(CourseError) {
    guard let carried = update.carried else {
      return print(
        """
        \(exercise.id)  \(exercise.starter) is left as it is: this takes you.
             swift run course reset \(exercise.id) puts the new starter there, and keeps yours in \
        .course/backup: write your lines into it again
        """
      )
    }
    let path = try project.backUp(update.yours, of: exercise)
    try project.write(carried, to: exercise.starter)
    try project.noteStarter(of: exercise)
    print("\(exercise.id)  \(exercise.starter) has what is new; what you had is in \(path)")
  }
}
