import Foundation

/// The proofs that the course is true: each prints a line, and none stops the others.
struct Verification {
  /// How many wrong answers an exercise must catch at least.
  static let mutantsMin = 3
  /// How many hints it must have.
  static let hintsMin = 3

  let project: Project
  let scratch: ScratchCopy
  /// The chapter or exercise that it is about, or `mycorfu`; all of it if `nil`.
  private let id: String?
  let runs: Int
  /// The turn whose wrong answers are tried; all of them if `nil`: each is built, and there are
  /// nearly three hundred.
  private let turn: MutantTurn?
  private(set) var failures = 0
  /// The programs that are asked.
  var programs: CheckPrograms
  /// How long it all took.
  var times = ProofTimes()
  /// How many wrong answers were left out.
  private(set) var leftOut = 0

  /// A verification of a project, or of a part of it, with this many seeds and the wrong answers of
  /// one turn, or all of them.
  init(
    _ project: Project,
    _ id: String? = nil,
    runs: Int,
    turn: MutantTurn? = nil
  ) throws(CourseError) {
    self.project = project
    self.id = id
    self.runs = runs
    self.turn = turn
    scratch = try ScratchCopy(of: project)
    programs = CheckPrograms(in: scratch.project)
  }

  /// Proves all there is.
  mutating func run() throws(CourseError) {
    try proveTexts()
    let isProgram = id == "mycorfu"
    let chosen = isProgram ? [] : try project.exercises(named: id)
    for exercise in chosen { try proveHints(exercise) }
    times.end("texts and hints")
    for exercise in try project.exercises(named: nil) {
      try scratch.project.write(project.starter(of: exercise).text, to: exercise.starter)
    }
    if !chosen.isEmpty { try proveExercises(chosen) }
    if id == nil || isProgram { try proveProgram() }
  }

  /// Prints what was proven, or why not.
  mutating func report(_ what: String, _ problem: String?) {
    if problem != nil { failures += 1 }
    print(problem.map { "FAIL   \(what): \($0)" } ?? "proven \(what)")
  }

  private mutating func proveTexts() throws(CourseError) {
    for path in try project.wovenTexts() {
      let text = try project.read(path)
      let chapter = ChapterText(text) { name throws(CourseError) in try project.read(name) }
      report("\(path): code blocks are the sources'", chapter.findings.first)
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      let broken = Links(text).relative.first { !project.exists(folder + "/" + $0) }
      report("\(path): links resolve", broken.map { "'\($0)' leads nowhere" })
    }
    let shared = try project.unnamedSharedFiles()
    report(
      "the chapters name each source file that they share",
      shared.isEmpty ? nil : "they lack " + shared.joined(separator: ", ")
    )
    for chapter in try project.chapters() {
      let unnamed = try project.unnamedFiles(of: chapter)
      report(
        "chapter \(chapter.number): names each source file of its module",
        unnamed.isEmpty ? nil : "it lacks " + unnamed.joined(separator: ", ")
      )
      if let problem = try project.problem(withPartsOf: chapter) {
        report("chapter \(chapter.number): is in parts of an hour at most", problem)
      }
    }
  }

  private mutating func proveHints(_ exercise: Exercise) throws(CourseError) {
    let hints = Hints(try project.read(exercise.folder + "/hints.md")).hints(for: exercise.id)
    let isEnough = hints.count >= Self.hintsMin && !hints.contains("")
    report("\(exercise.id): has hints", isEnough ? nil : "\(hints.count) are too few")
  }

  /// The wrong answers to try: all of them, or those of a turn, as many as an exercise must have;
  /// among them are those that may bring about what is shown.
  mutating func tried(
    _ mutants: [Mutant],
    of exercise: Exercise
  ) throws(CourseError) -> [Mutant] {
    guard let turn else { return mutants }
    var shown: Set<String> = []
    for path in try project.texts() {
      for story in Stories(try project.read(path)).of(exercise.id) {
        shown.insert(String(story[0].prefix { $0 != " " }))
      }
    }
    let tried = turn.part(of: mutants, atLeast: Self.mutantsMin) { shown.contains($0.check) }
    leftOut += mutants.count - tried.count
    return tried
  }

  /// What a chapter shows of a failed check is what some wrong answer brings about, to the letter;
  /// it may leave out how the story ends.
  mutating func proveStories(
    _ exercise: Exercise,
    _ told: [[String]]
  ) throws(CourseError) {
    for path in try project.texts() {
      for story in Stories(try project.read(path)).of(exercise.id) {
        let isTold = told.contains { $0.starts(with: story) }
        report(
          "\(path): the story of \(story[0].prefix { $0 != " " }) is what the checks tell",
          isTold ? nil : "no wrong answer of \(exercise.id) brings it about"
        )
      }
    }
  }
}

/// The links of a Markdown text.
struct Links: Equatable {
  /// Those to files of the project, without what follows a `#`.
  let relative: [String]

  /// Finds them.
  init(_ text: String) {
    var relative: [String] = []
    for piece in text.split(separator: "](").dropFirst() {
      guard let target = piece.split(separator: ")", omittingEmptySubsequences: false).first,
        !target.contains("://"), !target.hasPrefix("#"), !target.contains(" ")
      else { continue }
      relative.append(String(target.prefix { $0 != "#" }))
    }
    self.relative = relative
  }
}
