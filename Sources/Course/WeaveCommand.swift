import ArgumentParser

/// `course weave`: puts the sources' code into the chapters and into the documentation.
struct WeaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weave",
    abstract: "Refreshes the code blocks of chapters and documentation from their sources."
  )

  @Flag(help: "Only tell which blocks differ; exit status 1 if any does.")
  var check = false

  func run() throws {
    let project = try Project.find()
    var count = 0
    for path in try project.wovenTexts() {
      let text = try project.read(path)
      let chapter = ChapterText(text) { name throws(CourseError) in try project.read(name) }
      for finding in chapter.findings { print("\(path), \(finding)") }
      count += chapter.findings.count
      if !check { try project.write(chapter.woven, to: path) }
    }
    if count == 0 { print("all code blocks are what the sources say") }
    if check, count > 0 { throw ExitCode(1) }
  }
}
