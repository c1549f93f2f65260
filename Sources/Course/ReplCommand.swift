import ArgumentParser
import Foundation

/// `course repl`: the prompt of a stage.
struct ReplCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract: "Opens the prompt of a chapter's stage, with your parts in it or with ours.",
    discussion: """
      It runs on simulated disks, and nothing of it is kept. Your parts are those whose checks \
      passed, and those that --mine names. Commands can be piped in as well.
      """
  )

  @Argument(help: "The stage: the system as it stands after this chapter, 1 to 7.")
  var stage: Int

  @Option(help: "Your parts of these chapters and exercises, checked or not: 2,3.1")
  var mine: String?

  @Flag(help: "Ours alone.")
  var reference = false

  func validate() throws {
    if reference, mine != nil {
      throw ValidationError("--mine and --reference exclude each other: give one of them")
    }
    if stage == 8 {
      throw ValidationError(
        "stage 8 is a cluster of processes: 'swift run corfu cluster up' starts one, with a prompt"
      )
    }
    if !(1...7).contains(stage) {
      throw ValidationError("there is no stage \(stage): they are numbered from 1 to 8")
    }
  }

  func run() throws {
    let project = try Project.find()
    let names = mine?.split(separator: ",").map { String($0) } ?? []
    for name in names { _ = try project.exercises(named: name) }
    let program = reference ? "corfu" : "mycorfu"
    let folder = reference ? "" : "Exercises/"
    let isBuilt = project.exists("\(folder).build/debug/\(program)")
    tell("Building \(program)\(isBuilt ? "" : "; the first time takes some minutes") …")
    let build =
      reference
      ? try CourseCommand.run(["swift", "build", "--product", program], in: project.root)
      : try CheckRun.build(program, in: project)
    guard build.status == 0 else {
      throw CourseError("\(program) does not build:\n\(CheckRun.errors(of: build))")
    }
    let words = reference ? ["repl", "--stage", "\(stage)", "--memory"] : prompt(names)
    let path = project.url("\(folder).build/debug/\(program)").path(percentEncoded: false)
    throw Self.become([path] + words)
  }

  private func prompt(_ names: [String]) -> [String] {
    let chosen = names.isEmpty ? [] : ["--mine", names.joined(separator: ",")]
    return ["--stage", "\(stage)", "--prompt"] + chosen
  }

  /// Lets a program take this one's place, terminal and all.
  ///
  /// - Returns: Why it did not.
  private static func become(_ words: [String]) -> CourseError {
    let pointers = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    fflush(nil)
    if let program = pointers[0] { execv(program, pointers) }
    return CourseError("\(words[0]) cannot be run: \(String(cString: strerror(errno)))")
  }
}
