import ArgumentParser
import CorfuGlobalLog
import CorfuRepl
import CorfuSimulation

/// `corfu simulate planted`: shows that the checkers can fail.
struct PlantedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "planted",
    abstract: "Switch planted bugs on, one at a time, and see that each is found.",
    discussion: """
      Needs a build that has them: swift build -c release --traits PlantedBugs \
      --scratch-path .build/planted
      """
  )

  @Option(help: "How many seeds to try for each bug.")
  var seeds: UInt64 = 10_000

  @Option(help: "Only this one, by its name.")
  var bug: String?

  func run() async throws {
    #if PlantedBugs
    let output = Output.standardOutput()
    var failed = 0
    let bugs = PlantedBug.allCases.filter { bug == nil || $0.rawValue == bug }
    if bug == nil, let find = try PlantedHunt.find(nil, seedsMax: 100) {
      failed += 1
      try output.line("no bug planted, and \(find.means) FAILED: \(find.violation)")
    }
    for bug in bugs {
      if let find = try PlantedHunt.find(bug, seedsMax: seeds) {
        let finding = find.violation.split(separator: "\n").first ?? ""
        try output.line("\(bug): found by \(find.means): \(finding)")
      } else {
        failed += 1
        try output.line("\(bug): NOT FOUND")
      }
      try output.flush()
    }
    try output.line("\(bugs.count + (bug == nil ? 1 : 0) - failed) passed, \(failed) failed")
    try output.flush()
    if failed > 0 { throw ExitCode(1) }
    #else
    throw ReplError.refused(
      "this build has no planted bugs; 'corfu simulate planted --help' tells how to make one"
    )
    #endif
  }
}
