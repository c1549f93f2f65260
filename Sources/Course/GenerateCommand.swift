import ArgumentParser

/// `course generate`: cuts the starters out of the reference.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Cuts the starters out of the sources. Overwrites what is in Exercises."
  )

  @Flag(help: "Only tell which starters differ from what would be cut; exit status 1 if any does.")
  var check = false

  func run() throws {
    let project = try Project.find()
    var stale: [String] = []
    for exercise in try project.exercises(named: nil) {
      let starter = try project.starter(of: exercise)
      let isThere = project.exists(exercise.starter)
      if isThere, try project.read(exercise.starter) == starter.text { continue }
      stale.append(exercise.starter)
      if !check { try project.write(starter.text, to: exercise.starter) }
    }
    for path in stale { print(check ? "\(path) is not what the sources give" : "wrote \(path)") }
    if stale.isEmpty { print("all starters are what the sources give") }
    if check, !stale.isEmpty { throw ExitCode(1) }
  }
}
