import Foundation
import Testing

/// Goal: the habits that can be checked are kept.
///
/// Method: each rule reads every file of the project.
///
/// `PlantedTests` shows that each rule can fail.
@Suite struct TidyTests {
  @Test(arguments: Ban.allCases)
  func nothingBannedOutsideItsRoom(ban: Ban) {
    report(Project.swift.flatMap { banFindings(ban, in: $0) })
  }

  @Test func importsPointDown() {
    report(Project.swift.flatMap(upwardImports))
  }

  @Test func foundationAndOtherPackagesStayAtTheEdge() {
    report(Project.swift.flatMap(foreignImports))
  }

  @Test func earlyStagesKnowEarlyChaptersOnly() {
    report(Project.swift.flatMap(earlyImports))
  }

  @Test func filesAreShort() {
    report(Project.swift.flatMap(longFile))
  }

  @Test func functionsFitAScreen() {
    report(Project.swift.flatMap(longFunctions))
  }

  @Test func linesFitAWindow() {
    report(Project.swift.flatMap(longLines))
  }

  @Test func whatIsPublicSaysWhatItIs() {
    let witnessed = requirements(of: Project.swift).union(requirementsOfTheLibrary)
    report(Project.swift.flatMap { undocumented(in: $0, witnessed: witnessed) })
  }

  @Test func linksInTheDocumentationLeadSomewhere() throws {
    let makefile = try #require(Project.sources { $0 == "Makefile" }.first).text
    for module in documentedModules(in: makefile) {
      let home = module == "Corfu" ? "Library" : String(module.dropFirst("Corfu".count))
      let sources = Project.swift.filter { folder(of: $0.path) == home }
      #expect(!sources.isEmpty, "the Makefile's DOCUMENTED names \(module)")
      let targets = LinkTargets(in: sources)
      let catalogue = "Sources/\(home)/\(module).docc/"
      let articles = Project.markdown.filter { $0.path.hasPrefix(catalogue) }
      report(sources.flatMap { strayLinks(in: $0, to: targets, module: module) })
      report(articles.flatMap { strayLinks(in: $0, to: targets, module: module) })
    }
  }

  @Test func whatProgramsImportIsDocumented() throws {
    let makefile = try #require(Project.sources { $0 == "Makefile" }.first).text
    let library = try #require(Project.swift.first { $0.path == "Sources/Library/Corfu.swift" })
    let modules = documentedModules(in: makefile)
    #expect(modules.contains("Corfu"))
    #expect(imports(of: library).map(\.module).filter { !modules.contains($0) } == [])
  }

  @Test func everyFileIsUsed() {
    report(deadFiles(among: Project.swift), but: filesWithoutUse)
  }

  @Test func everyMarkdownFileHasOneTitle() {
    report(Project.markdown.flatMap(titleFindings))
  }

  @Test func everyLinkLeadsSomewhere() {
    let others = Dictionary(uniqueKeysWithValues: Project.markdown.map { ($0.path, $0) })
    report(
      Project.markdown.flatMap { linkFindings(in: $0, others: others, exists: Project.exists) },
      but: pagesAheadOfOthers
    )
  }

  @Test func whatIsQuotedWasMeasured() throws {
    let path = "docs/performance.md"
    let document = try #require(Project.sources { $0 == path }.first)
    let measured = MeasuredFigures(text: document.text)
    #expect(measured["a-cluster-of-processes"].count > 50)
    report(Project.markdown.flatMap { quoteFindings(in: $0, from: measured) })
  }

  @Test func codeInTheDocumentationIsOfTheExample() {
    report(Project.markdown.flatMap(unwovenBlocks))
  }

  @Test func everySourceFolderSaysWhatItIs() {
    let folders = Set(Project.paths.filter { $0.hasPrefix("Sources/") }.compactMap(folder))
    report(
      folders.sorted().filter { !Project.exists("Sources/\($0)/README.md") }.map {
        Finding(path: "Sources/\($0)/README.md", line: 1, message: "the file is missing: write it")
      }
    )
  }

  @Test func everyRuleThatIsMentionedIsStated() {
    let documents = Project.markdown.filter { isRuleBook($0.path) }
    let stated = Set(documents.flatMap { rules(statedIn: $0) })
    #expect(stated == expectedRules)
    report(
      Project.swift.flatMap { source in
        let lines = source.lines.enumerated().map { (line: $0 + 1, text: $1) }
        return unknownRules(in: source.path, lines: lines, stated: stated)
      }
    )
    report(
      Project.markdown.flatMap { unknownRules(in: $0.path, lines: $0.prose, stated: stated) }
    )
  }

  @Test func everyRuleInForceIsNamedByATest() {
    let titles = Project.swift.filter { $0.path.hasPrefix("Tests/") }
      .flatMap { $0.lines.filter { $0.contains("@Test(\"") } }
    let named = Set(titles.flatMap { rules(namedIn: $0) })
    let missing = (1...38).map { "R\($0)" }.filter { !named.contains($0) }
    #expect(missing == [], "say in a test's title which rule it shows")
  }

  @Test func everyRuleOfTheLogIsBrokenByAPlantedBug() {
    let bugs = Project.swift.filter { $0.path == "Sources/GlobalLog/PlantedBug.swift" }
    let broken = Set(bugs.flatMap(rulesOfCases))
    let missing = rulesOfTheLog.filter { !broken.contains($0) }
    #expect(missing == [], "say of a planted bug which rule it breaks, or plant one")
  }

  @Test func noFileNamesAPlaceOnOneMachine() {
    let hidden = [".ci/run", ".gitignore", ".swift-format"]
    let sources = Project.sources { !$0.hasPrefix("Exercises/") }
    let extra = hidden.compactMap { path in
      // Another layout of the project may lack one of them.
      try? String(contentsOf: Project.root.appending(path: path), encoding: .utf8)
    }
    report(sources.flatMap { machinePaths(in: $0.path, text: $0.text) })
    report(zip(hidden, extra).flatMap { machinePaths(in: $0, text: $1) })
  }

  @Test(.enabled(if: Project.exists(".git"), "the folder is no Git clone"))
  func gitHoldsNothingThatWasBuilt() throws {
    // Whoever runs the tests need not own the clone.
    let git = ["git", "-c", "safe.directory=*", "ls-files"]
    let built = [".build", "Package.resolved", ".corfu", "*.o"]
    let result = try execute("/usr/bin/env", git + built, in: Project.root)
    #expect(result.status == 0, "\(result.error)")
    report(builtFiles(in: result.output))
  }
}

/// Files of which others use what they add to a type, and never a name of their own.
private let filesWithoutUse: Set<String> = [
  "Sources/GlobalLog/StoreSummary.swift"
]

/// Pages with a link to one that is still being written.
private let pagesAheadOfOthers: Set<String> = []

/// What the standard library's protocols ask of types here; their documentation says what it is.
private let requirementsOfTheLibrary: Set<String> = [
  "<", "=", "advanced", "description", "distance", "enqueue",
]

private func isRuleBook(_ path: String) -> Bool {
  path == "docs/protocol.md" || path == "docs/reliability.md"
}

/// The rules that chapters 1 to 5 keep.
///
/// R8 comes with connections, and R19 with the acceptors.
private let rulesOfTheLog = (1...21).filter { $0 != 8 && $0 != 19 }.map { "R\($0)" }

private let expectedRules = Set((1...38).map { "R\($0)" } + (1...13).map { "D\($0)" })

/// What Git keeps though a build makes it.
func builtFiles(in list: String) -> [Finding] {
  list.split(separator: "\n").map {
    Finding(path: String($0), line: 1, message: "a build makes this: git rm --cached it")
  }
}
