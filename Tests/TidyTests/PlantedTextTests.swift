import Testing

/// Goal: the rules for text, and the scanner below all rules, see what is there.
///
/// Method: as in ``PlantedTests``.
@Suite struct PlantedTextTests {
  @Test(arguments: [
    ("a // try!\nb", ["a", "b"]),
    ("a /* b /* c */ d\n */ e", ["a", "e"]),
    ("f(\"a \\\" b\")", ["f", "(", "\"\"", ")"]),
    ("\"a \\(g(\"x\") + 1) b\" c", ["\"\"", "g", "(", "\"\"", ")", "+", "1", "c"]),
    ("#\"a \" \\(b)\"# c", ["\"\"", "c"]),
    ("#\"\\#(b)\"# c", ["\"\"", "b", "c"]),
    ("\"\"\"\n a \" b // c\n \"\"\" d", ["\"\"", "d"]),
    ("f(/\"[^)]/) a / b / c", ["f", "(", "\"\"", ")", "a", "/", "b", "/", "c"]),
    ("#if A\n@B c", ["#", "if", "A", "@", "B", "c"]),
  ])
  func scannerSeesCodeOnly(text: String, tokens: [String]) {
    #expect(SwiftSource(path: "A.swift", text: text).tokens.map(\.text) == tokens)
  }

  @Test func scannerCountsLines() {
    let text = "a\n\"\"\"\n\\(b\n)\n\"\"\"\n/*\n*/ c // d"
    let source = SwiftSource(path: "A.swift", text: text)
    #expect(source.tokens.map(\.line) == [1, 2, 3, 7])
    #expect(source.comments[7] == "*/// d")
  }

  @Test(arguments: [
    ("# One\n\n```sh\n# no title\n```\n## Two\n", []),
    ("text\n", [1]),
    ("# One\n\n# Two\n", [3]),
  ])
  func titlesAreCounted(text: String, lines: [Int]) {
    let source = MarkdownSource(path: "A.md", text: text)
    #expect(titleFindings(in: source).map(\.line) == lines)
  }

  @Test(arguments: [
    ("[a](B.md)", true), ("[a](../docs/B.md)", true), ("[a](C.md)", false),
    ("[a](../../B.md)", false), ("![a](B.md \"title\")", true), ("[a](C.md \"title\")", false),
    ("[a](https://example.org/C.md)", true), ("`[a](C.md)`", true), ("```\n[a](C.md)\n```", true),
    ("[a](B.md#what-it-is)", true), ("[a](B.md#what-it-was)", false), ("[a](B.md#same-1)", true),
    ("[a](B.md#same-2)", false), ("[a](#here)", true), ("[a](#there)", false),
    ("[a]: C.md", false), ("[a]: B.md", true), ("[a](B.md#mark)", true), ("[a](..)", true),
  ])
  func linksAreFollowed(text: String, isFine: Bool) {
    let source = MarkdownSource(path: "docs/A.md", text: "# Here\n\(text)\n")
    let other = MarkdownSource(
      path: "docs/B.md",
      text: "# `What` it is?\n## Same\n## Same\n<a id=\"mark\"></a>"
    )
    let others = ["docs/A.md": source, "docs/B.md": other]
    let findings = linkFindings(in: source, others: others) { others[$0] != nil || $0.isEmpty }
    #expect(findings.isEmpty == isFine, "\(findings)")
  }

  @Test(arguments: [
    ("A", true), ("A/run()", true), ("A/read(_:at:)", true), ("CorfuM/A", true), ("A/size", true),
    ("A/read(_:at:)-(Int)", true), ("A/init(of:)", true), ("E/a", true), ("E/b(_:of:)", true),
    ("P/ask()", true), ("E/c", true), ("Other", false), ("A/run", false), ("A/read(at:)", false),
    ("Inner", false), ("A/hidden", false), ("A/put(_:as:)", true),
  ])
  func linksOfTheDocumentationAreFollowed(link: String, isFine: Bool) {
    let source = SwiftSource(
      path: "Sources/M/A.swift",
      text: """
        public struct A<Value> {
          public private(set) var size = 0
          var hidden = 0
          public init?(of text: [Int: (Int) -> Int] = [:]) {}
          public static func run() { switch size { case 0: return } }
          public func read(_ one: (Int, Int), at: Int) {}
          public func put<B: C<Int>>(_ b: B, as name: String) {}
        }
        struct Inner {}
        public enum E {
          case a, b(Int, of: A<Int>)
          case c
        }
        public protocol P {
          func ask()
        }
        """
    )
    let targets = LinkTargets(in: [source])
    for declaration in ["public let a = 1", "@B(1)\npublic let a = 1"] {
      let user = SwiftSource(path: "Sources/M/B.swift", text: "/// ``\(link)``\n\(declaration)")
      #expect(strayLinks(in: user, to: targets, module: "CorfuM").isEmpty == isFine)
    }
    let page = MarkdownSource(path: "Sources/M/CorfuM.docc/A.md", text: "# A\n- ``\(link)``\n")
    #expect(strayLinks(in: page, to: targets, module: "CorfuM").isEmpty == isFine)
  }

  @Test func whatNobodyReadsMayLinkToWhatIsHidden() {
    let source = SwiftSource(path: "Sources/M/A.swift", text: "struct Inner {}")
    let targets = LinkTargets(in: [source])
    for (link, isFine) in [("Inner", true), ("Other", false)] {
      let user = SwiftSource(path: "Sources/M/B.swift", text: "/// ``\(link)``\nlet a = 1")
      #expect(strayLinks(in: user, to: targets, module: "CorfuM").isEmpty == isFine)
    }
  }

  @Test func documentedModulesAreRead() {
    let text = "DOCS := a\nDOCUMENTED := Corfu CorfuB\nall:\n"
    #expect(documentedModules(in: text) == ["Corfu", "CorfuB"])
    #expect(documentedModules(in: "all:\n") == [])
  }

  @Test(arguments: [
    ("A.docc/A.md", "```swift\na\n```", [3]),
    ("A.docc/A.md", "~~~\na\n~~~", [3]),
    ("A.docc/A.md", "```sh\na\n```\n```swift\nb\n```", [6]),
    ("A.docc/A.md", "<!-- source: Sources/Example/A.swift#A -->\n```swift\n```", []),
    ("A.docc/A.md", "<!-- source: Sources/Client/A.swift#A -->\n```swift\n```", [4]),
    ("docs/A.md", "```swift\na\n```", []),
  ])
  func codeThatNobodyCompilesIsSeen(path: String, text: String, lines: [Int]) {
    let source = MarkdownSource(path: path, text: "# A\n\n\(text)\n")
    #expect(unwovenBlocks(in: source).map(\.line) == lines)
  }

  @Test func unknownRulesAreSeen() {
    let book = MarkdownSource(path: "docs/protocol.md", text: "- **R7** Trims last.\n- R8\n**D1**")
    let stated = rules(statedIn: book)
    #expect(stated == ["R7", "D1"])
    func count(_ text: String) -> Int {
      unknownRules(in: "A.swift", lines: [(line: 1, text: text[...])], stated: stated).count
    }
    #expect(count("// trims last (R7, D1)") == 0)
    #expect(count("// R8–R9, see D2") == 3)
    #expect(count("0xD2 R R2D2 aR9 R999 \\u{D83D}") == 0)
  }

  @Test func rulesOfCasesAreSeen() {
    let text = """
      /// R1: a rule of the type.
      enum Bug {
        /// R2, D3: a bug,
        /// and R4.
        case a
        // R5: no documentation.
        case b
        /// R6: of something else.
        var c = 1
        case d
      }
      """
    let source = SwiftSource(path: "Sources/GlobalLog/PlantedBug.swift", text: text)
    #expect(rulesOfCases(in: source) == ["R2", "D3", "R4"])
  }

  @Test(arguments: [
    ("cd /ro" + "ot/corfu", 1), ("\"/wo" + "rk/a\"", 1), ("/ho" + "me/anna/", 1),
    ("Sources/wo" + "rk/a ../ho" + "me/b", 0), ("https://example.org/wo" + "rk/", 0),
    ("work / root", 0), ("$HO" + "ME/x", 0),
  ])
  func machinePathsAreSeen(text: String, count: Int) {
    #expect(
      machinePaths(in: "A.md", text: "\n" + text).map(\.line) == Array(repeating: 2, count: count)
    )
  }
}
