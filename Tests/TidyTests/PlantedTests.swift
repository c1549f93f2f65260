import Testing

/// Goal: each rule flags what it should and nothing else.
///
/// Method: planted snippets, bad and good.
@Suite struct PlantedTests {
  @Test(arguments: plantedBans)
  func bansSeeWhatIsPlanted(planted: PlantedBan) {
    let bad = SwiftSource(path: "Sources/GlobalLog/A.swift", text: planted.bad)
    #expect(planted.ban.findings(in: bad).map(\.line) == [2], "\(planted.bad)")
    let good = SwiftSource(path: "Sources/GlobalLog/A.swift", text: planted.good)
    #expect(planted.ban.findings(in: good) == [], "\(planted.good)")
  }

  @Test func everyBanIsPlanted() {
    #expect(Set(plantedBans.map(\.ban)) == Set(Ban.allCases))
  }

  @Test func everyRoomOpensItsBansAndNoOther() {
    for room in rooms {
      for planted in plantedBans {
        let source = SwiftSource(path: room.prefix + "A.swift", text: planted.bad)
        // A room may lie within another.
        let isOpen = rooms.contains {
          room.prefix.hasPrefix($0.prefix) && $0.bans.contains(planted.ban)
        }
        #expect(banFindings(planted.ban, in: source).isEmpty == isOpen, "\(room) \(planted)")
      }
    }
    let outside = SwiftSource(path: "Sources/Repl/Parser.swift", text: "\nTask { }")
    #expect(!banFindings(.unstructuredTask, in: outside).isEmpty)
  }

  @Test(arguments: [
    ("Sources/GlobalLog/A.swift", "import CorfuSequencer", 1),
    ("Sources/GlobalLog/A.swift", "internal import CPlatform", 0),
    ("Sources/Sequencer/A.swift", "public import struct CorfuStripeMirror.Layout", 1),
    ("Sources/Simulation/A.swift", "import CorfuRepl", 1),
    ("Sources/Repl/A.swift", "import CorfuGlobalLog\nimport CorfuStages", 0),
    ("Sources/Transactions/A.swift", "import CorfuClient", 0),
    ("Sources/WriteOnce/A.swift", "import Corfu", 1),
    ("Sources/Novelty/A.swift", "", 1),
    ("Tests/ReplTests/A.swift", "@testable import CorfuRepl", 0),
  ])
  func upwardImportsAreSeen(path: String, text: String, count: Int) {
    #expect(upwardImports(in: SwiftSource(path: path, text: text)).count == count)
  }

  @Test(arguments: [
    ("Sources/GlobalLog/A.swift", "import Foundation", 1),
    ("Sources/Repl/A.swift", "internal import class Foundation.Process", 1),
    ("Sources/GlobalLog/A.swift", "import Synchronization\n// import Foundation", 0),
    ("Sources/Command/A.swift", "import Foundation\nimport ArgumentParser", 0),
    ("Tests/ReplTests/A.swift", "import Foundation", 0),
  ])
  func foreignImportsAreSeen(path: String, text: String, count: Int) {
    #expect(foreignImports(in: SwiftSource(path: path, text: text)).count == count)
  }

  @Test(arguments: [
    ("Sources/Stages/Stage1.swift", "import CorfuSequencer", 1),
    ("Sources/Stages/Stage1.swift", "import CorfuGlobalLog", 0),
    ("Sources/Stages/Stage4Log.swift", "import CorfuNode", 1),
    ("Sources/Stages/Stage4Log.swift", "import CorfuCopyCompaction", 0),
    ("Sources/Stages/Stage5.swift", "import CorfuNode", 0),
    ("Sources/Stages/Stages.swift", "import CorfuNode", 0),
  ])
  func earlyImportsAreSeen(path: String, text: String, count: Int) {
    #expect(earlyImports(in: SwiftSource(path: path, text: text)).count == count)
  }

  @Test func everyModuleOfTheTableHasARow() {
    let named = Set(modulesBelow.values.joined())
    #expect(named.subtracting(modulesBelow.keys) == [])
    for name in modulesBelow.keys {
      #expect(!reach(of: name).contains(name), "\(name) stands below itself")
    }
  }

  @Test func longFilesAndLinesAreSeen() {
    let atLimit = String(repeating: "a\n", count: Limit.fileLinesMax)
    #expect(longFile(SwiftSource(path: "A.swift", text: atLimit)) == [])
    #expect(longFile(SwiftSource(path: "A.swift", text: atLimit + "a\n")).count == 1)
    let line = "// " + String(repeating: "ä", count: Limit.columnsMax - 3)
    #expect(longLines(in: SwiftSource(path: "A.swift", text: line)) == [])
    #expect(longLines(in: SwiftSource(path: "A.swift", text: "\n" + line + "a")).map(\.line) == [2])
  }

  @Test(arguments: [
    "func f(a: Int = { 1 }()) async throws(E) -> [Int] where T: P {", "public init?<T>(_ t: T) {",
    "deinit {", "subscript(i: Int) -> Int {", "var x: Int {",
    "static func < (a: A, b: A) -> Bool {",
  ])
  func longFunctionsAreSeen(head: String) {
    func source(lines: Int) -> SwiftSource {
      let body = String(repeating: "  g(\"}\") // }\n", count: lines - 2)
      return SwiftSource(path: "A.swift", text: "struct A {\n\(head)\n\(body)}\n}")
    }
    #expect(longFunctions(in: source(lines: Limit.functionLinesMax)) == [])
    #expect(longFunctions(in: source(lines: Limit.functionLinesMax + 1)).map(\.line) == [2])
  }

  @Test func requirementsAndCallsAreNoFunctions() {
    let text = """
      protocol P { func a() throws(E) -> Int
        func b()
        var c: Int { get } }
      let d = P.init(e)
      var f = 1
      struct Q {
        var g: Int
      }
      """
    #expect(functions(of: SwiftSource(path: "A.swift", text: text)).map(\.name) == ["c"])
  }

  @Test(arguments: [
    ("public struct A {}", 1), ("/// An A.\npublic struct A {}", 0), ("struct A {}", 0),
    ("/// An A.\n@frozen\npublic final class A {}", 0), ("// An A.\npublic class A {}", 1),
    ("  public private(set) var a = 1", 1), ("  public static func a() {}", 1),
    ("  public func run() {}", 0), ("public func run() {}", 1), ("  public init() {}", 1),
    ("  public static func < (a: A, b: A) -> Bool {", 1), ("public extension A {}", 0),
    ("public import CorfuGlobalLog\nstruct A {}", 0),
  ])
  func silentPublicDeclarationsAreSeen(text: String, count: Int) {
    let other = SwiftSource(
      path: "Sources/A/P.swift",
      text: "protocol P: Q {\n  associatedtype B\n  func run()\n}\nfunc a() {}"
    )
    let names = requirements(of: [other])
    #expect(names == ["B", "run"])
    let source = SwiftSource(path: "Sources/A/A.swift", text: text)
    #expect(undocumented(in: source, witnessed: names).count == count)
  }

  @Test func deadFilesAreSeen() {
    let used = SwiftSource(path: "Sources/A/Used.swift", text: "struct Used {}")
    let user = SwiftSource(path: "Sources/A/User.swift", text: "struct User { let used: Used }")
    let test = SwiftSource(path: "Tests/ATests/ATests.swift", text: "let user = User(used: Used())")
    #expect(deadFiles(among: [used, user, test]) == [])
    #expect(deadFiles(among: [used, user]).map(\.path) == ["Sources/A/User.swift"])
    let mentioned = SwiftSource(path: "Sources/A/B.swift", text: "// User\nlet b = \"User\"")
    #expect(deadFiles(among: [used, user, mentioned]).count == 2)
    let inner = SwiftSource(path: "Sources/A/C.swift", text: "private struct C {}\nextension B {}")
    #expect(deadFiles(among: [inner]) == [])
  }

  @Test func builtFilesAreSeen() {
    #expect(builtFiles(in: "") == [])
    #expect(builtFiles(in: ".build/debug.yaml\n").map(\.path) == [".build/debug.yaml"])
  }
}

/// Code with something banned on its second line, and code like it without.
struct PlantedBan: Sendable {
  let ban: Ban
  let bad: String
  let good: String

  init(_ ban: Ban, bad: String, good: String) {
    self.ban = ban
    self.bad = "\n" + bad
    self.good = good
  }
}

private let plantedBans = [
  PlantedBan(.unstructuredTask, bad: "Task { await f() }", good: "extension Task {}"),
  PlantedBan(.unstructuredTask, bad: "Task(priority: .low) {}", good: "let t: Task<Int, Never>"),
  PlantedBan(.unstructuredTask, bad: "Task.detached {}", good: "Task.isCancelled // Task {"),
  PlantedBan(.realSleep, bad: "await Task.sleep(for: t)", good: "await clock.sleep(for: t)"),
  PlantedBan(.realSleep, bad: "sleep(1)", good: "await sleep(interval)"),
  PlantedBan(.realSleep, bad: "usleep(1)", good: "\"usleep(1)\""),
  PlantedBan(.realClock, bad: "let now = Date()", good: "let date = Date(day)"),
  PlantedBan(.realClock, bad: "\"\\(ContinuousClock().now)\"", good: "some Clock<Duration>"),
  PlantedBan(.unseededChance, bad: "Int.random(in: 0..<9)", good: "Int.random(in: f(), using: &g)"),
  PlantedBan(.unseededChance, bad: "a.shuffled()", good: "a.shuffled(using: &g)"),
  PlantedBan(
    .unseededChance,
    bad: "var g = SystemRandomNumberGenerator()",
    good: "var g = Seeded(1)"
  ),
  PlantedBan(.trap, bad: "fatalError(\"no\")", good: "precondition(a > 0)"),
  PlantedBan(.forcedTry, bad: "try! f()", good: "try !f() || try f() != 1"),
  PlantedBan(.forcedCast, bad: "a as! Int", good: "a as? Int"),
  PlantedBan(.emptyCatch, bad: "do { } catch E.a { /* no */ }", good: "do {} catch { f() }"),
  PlantedBan(.silentTry, bad: "let a = try? f()", good: "// Absent is as good as empty.\ntry? f()"),
  PlantedBan(
    .unprovenSendable,
    bad: "final class A: @unchecked Sendable {}",
    good: "// Sendable, since only one thread reaches it.\n@Tag\nclass A: @unchecked Sendable {}"
  ),
  PlantedBan(
    .unprovenSendable,
    bad: "nonisolated(unsafe) var a = 1",
    good: "// Safe: written once, before the first task.\nnonisolated(unsafe) var a = 1"
  ),
]
