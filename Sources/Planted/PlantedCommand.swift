import ArgumentParser
import CorfuGlobalLog
import CorfuSimulation

/// `corfu-planted`: shows that the checkers can fail.
@main
struct PlantedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corfu-planted",
    abstract: "Switch planted bugs on, one at a time, and see that each is found.",
    discussion: """
      Needs a build that has them: swift build -c release --product corfu-planted \
      --traits PlantedBugs --scratch-path .build/planted
      """
  )

  @Option(help: "How many seeds to try for each bug.")
  var seeds: UInt64 = 10_000

  @Option(help: "Only this one, by its name.")
  var bug: String?

  @Flag(help: "Those as well that take many minutes each.")
  var rare = false

  /// What seeds run into seldom: found when there is time, and left out of every day's hunt.
  private static let rareBugs: Set<PlantedBug> = [
    .takesLastCheckpoint, .trustsOldEnds, .overlooksTrims,
  ]

  func validate() throws {
    if seeds == 0 { throw ValidationError("--seeds takes 1 or more") }
    guard let bug, PlantedBug(rawValue: bug) == nil else { return }
    throw ValidationError("there is no planted bug '\(bug)'")
  }

  func run() async throws {
    #if PlantedBugs
    var failed = 0
    let bugs = PlantedBug.allCases.filter { candidate in
      guard let bug else { return rare || !Self.rareBugs.contains(candidate) }
      return candidate.rawValue == bug
    }
    if bug == nil, let find = try await PlantedHunt.find(nil, seedsMax: 100) {
      failed += 1
      print("no bug planted, and \(find.means) FAILED: \(find.violation)")
    }
    for bug in bugs {
      if let find = try await PlantedHunt.find(bug, seedsMax: seeds) {
        let finding = find.violation.split(separator: "\n").first ?? ""
        print("\(bug): found by \(find.means): \(finding)")
      } else {
        failed += 1
        print("\(bug): NOT FOUND")
      }
    }
    if bug == nil, !rare {
      let names = Self.rareBugs.map(\.rawValue).sorted().joined(separator: ", ")
      print("left out, as they take many minutes: \(names); --rare looks for them, too")
    }
    print("\(bugs.count + (bug == nil ? 1 : 0) - failed) passed, \(failed) failed")
    if failed > 0 { throw ExitCode(1) }
    #else
    throw NoBugs()
    #endif
  }
}

/// Only a build with the package trait has bugs.
private struct NoBugs: Error, CustomStringConvertible {
  var description: String {
    "this build has no planted bugs; 'corfu-planted --help' tells how to make one that has"
  }
}
