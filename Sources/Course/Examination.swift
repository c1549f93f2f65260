import Foundation

/// Looks at a machine and a clone with the eyes of somebody who wants to build the course.
struct Examination {
  private let project: Project

  /// A build from nothing needs less than this, in bytes.
  static let roomMin: Int64 = 3 << 30

  /// An examination of a clone.
  init(_ project: Project) {
    self.project = project
  }

  /// Everything, the most important first.
  func all() -> [Diagnosis] {
    let version = output(of: ["swift", "--version"])
    return [
      toolchain(version), readline(), tools(), room(), Loopback.diagnosis(), progress(), files(),
      builds(in: ".build", compiler: version), builds(in: "Exercises/.build", compiler: version),
    ]
  }

  /// Whether the compiler is new enough for the package.
  ///
  /// - Parameter version: What `swift --version` said; `nil` if it could not be asked.
  /// - Returns: What was found.
  func toolchain(_ version: String?) -> Diagnosis {
    let topic = "toolchain"
    // What the manifest asks for; if it cannot be read, the package is not whole, and `files` says
    // so.
    let manifest = (try? project.read("Package.swift")) ?? ""
    let wanted = Version(after: "swift-tools-version:", in: manifest) ?? Version([6, 2])
    let advice = "install Swift \(wanted) or later: https://www.swift.org/install"
    guard let version, let found = Version(after: "Swift version", in: version) else {
      return Diagnosis(verdict: .bad, topic: topic, finding: "no Swift to be found", advice: advice)
    }
    if found < wanted {
      let finding = "Swift \(found) is too old"
      return Diagnosis(verdict: .bad, topic: topic, finding: finding, advice: advice)
    }
    return Diagnosis(verdict: .good, topic: topic, finding: "Swift \(found)")
  }

  /// Whether the headers of the one library are there that does not come with Swift.
  func readline() -> Diagnosis {
    let header = "readline/readline.h"
    let folder = includeFolders.first { folder in
      FileManager.default.fileExists(atPath: folder + "/" + header)
    }
    if let folder {
      return Diagnosis(verdict: .good, topic: "readline", finding: "its headers are in \(folder)")
    }
    return Diagnosis(
      verdict: .bad,
      topic: "readline",
      finding: "its headers are missing: the prompt cannot be built",
      advice: "Scripts/bootstrap installs them, or says how"
    )
  }

  /// The places where `Scripts/bootstrap` looks, too.
  private var includeFolders: [String] {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["CORFU_INCLUDE_PATH"], !path.isEmpty {
      return path.split(separator: ":").map { String($0) }
    }
    #if os(macOS)
    let parents = [["xcrun", "--show-sdk-path"], ["brew", "--prefix", "readline"]]
      .compactMap { output(of: $0)?.split(separator: "\n").first.map { String($0) } }
    return parents.flatMap { [$0 + "/usr/include", $0 + "/include"] }
    #else
    return ["/usr/include", "/usr/local/include"]
    #endif
  }

  /// Whether the programs are there that some commands run.
  func tools() -> Diagnosis {
    let missing = ["git", "diff"].filter { output(of: [$0, "--version"]) == nil }
    if missing.isEmpty {
      return Diagnosis(verdict: .good, topic: "tools", finding: "git and diff")
    }
    return Diagnosis(
      verdict: .odd,
      topic: "tools",
      finding: "missing: " + missing.joined(separator: ", "),
      advice: "'solution --diff' and 'update' need diff; git gets new versions of the course"
    )
  }

  /// Whether there is room for a build.
  func room() -> Diagnosis {
    let path = project.root.path(percentEncoded: false)
    do {
      let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
      guard let free = attributes[.systemFreeSize] as? NSNumber else {
        return Diagnosis(verdict: .odd, topic: "disk", finding: "nobody knows how much is free")
      }
      return Self.room(free: free.int64Value)
    } catch {
      let finding = "cannot be asked: \(error.localizedDescription)"
      return Diagnosis(verdict: .odd, topic: "disk", finding: finding)
    }
  }

  /// What that much room is good for, in bytes.
  static func room(free: Int64) -> Diagnosis {
    let gigabytes = String(format: "%.1f GB free", Double(free) / 1e9)
    if free >= roomMin { return Diagnosis(verdict: .good, topic: "disk", finding: gigabytes) }
    return Diagnosis(
      verdict: .bad,
      topic: "disk",
      finding: gigabytes + ", and a build from nothing needs up to 3",
      advice: "make room; .build, Exercises/.build and .course/verify are made anew when needed"
    )
  }

  /// Whether what the learner did so far can be read.
  func progress() -> Diagnosis {
    do {
      let count = try Progress.load(from: project).results.values.count { $0.standing == .passed }
      let finding = count == 1 ? "1 exercise passed" : "\(count) exercises passed"
      return Diagnosis(verdict: .good, topic: "progress", finding: finding)
    } catch {
      return Diagnosis(verdict: .bad, topic: "progress", finding: error.description)
    }
  }

  /// Whether the learner's files are all there.
  func files() -> Diagnosis {
    do {
      let exercises = try project.exercises(named: nil)
      let missing = exercises.filter { !project.exists($0.starter) }.map(\.id)
      if missing.isEmpty {
        let finding = "all \(exercises.count) exercises have theirs"
        return Diagnosis(verdict: .good, topic: "files", finding: finding)
      }
      return Diagnosis(
        verdict: .bad,
        topic: "files",
        finding: "missing for " + missing.joined(separator: ", "),
        advice: "put a starter there: "
          + missing.map { "swift run course reset \($0)" }.joined(separator: "; ")
      )
    } catch {
      return Diagnosis(
        verdict: .bad,
        topic: "files",
        finding: error.description,
        advice: "the clone is not whole: 'git status' says what was changed"
      )
    }
  }

  /// Whether what was built before is of this folder, and by this compiler.
  ///
  /// - Parameters:
  ///   - folder: Where the package manager keeps it.
  ///   - compiler: What `swift --version` said.
  /// - Returns: What was found.
  func builds(in folder: String, compiler: String?) -> Diagnosis {
    let topic = "builds"
    let remove = "rm -r \(folder), and build again"
    guard project.exists(folder + "/debug.yaml") else {
      let finding = "nothing built in \(folder) yet"
      return Diagnosis(verdict: .good, topic: topic, finding: finding)
    }
    // What cannot be read is built anew by the package manager; nothing is wrong with that.
    let plan = (try? project.read(folder + "/debug.yaml")) ?? ""
    let here = project.url(folder).path(percentEncoded: false)
    if !plan.contains("\"" + here + "/") {
      let finding = "\(folder) was built in another place"
      return Diagnosis(verdict: .bad, topic: topic, finding: finding, advice: remove)
    }
    // A folder without names has none of a compiler.
    let names = (try? project.names(in: folder + "/debug")) ?? []
    let notes = names.filter { $0.hasPrefix("swift-version-") && $0.hasSuffix(".txt") }
    let compilers = notes.compactMap { note -> String? in
      // One that cannot be read tells nothing.
      try? project.read("\(folder)/debug/\(note)")
    }
    let number = compiler.flatMap { Version(after: "Swift version", in: $0) }
    let others = compilers.filter { Version(after: "Swift version", in: $0) != number }
    if !others.isEmpty, others.count == compilers.count {
      return Diagnosis(
        verdict: .odd,
        topic: topic,
        finding: "\(folder) is another compiler's: the next build starts from nothing",
        advice: "if it fails over a module: " + remove
      )
    }
    return Diagnosis(verdict: .good, topic: topic, finding: "\(folder) fits")
  }

  /// What a program prints; `nil` if it is not there, or fails.
  private func output(of words: [String]) -> String? {
    // Not there, not startable, failing: each is told as missing.
    guard let result = try? CourseCommand.run(words, in: project.root), result.status == 0 else {
      return nil
    }
    return result.output
  }
}

/// A version number: `6.2.1`.
struct Version: Comparable, CustomStringConvertible {
  private let numbers: [Int]

  /// A version of these numbers.
  init(_ numbers: [Int]) {
    self.numbers = numbers
  }

  /// The one that follows some words in a text.
  init?(after words: String, in text: String) {
    guard let range = text.firstRange(of: words) else { return nil }
    let rest = text[range.upperBound...].drop { $0 == " " }
    numbers = rest.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    if numbers.isEmpty { return nil }
  }

  static func < (left: Version, right: Version) -> Bool {
    left.numbers.lexicographicallyPrecedes(right.numbers)
  }

  var description: String { numbers.map { String($0) }.joined(separator: ".") }
}
