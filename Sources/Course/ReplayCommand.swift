import ArgumentParser
import Foundation

/// `course replay`: what happened before a check failed, at leisure.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Shows the trace of a failed check: all of it, step by step, or drawn.",
    discussion: """
      Checks that fail keep what happened in .course/fail. Without a file the traces that are \
      there are listed.
      """
  )

  @Argument(help: "The trace: .course/fail/2.3.1-11.trace, or 2.3.1-11 for short.")
  var file: String?

  @Flag(help: "One event at a time: Enter goes on, b goes back, q ends.")
  var step = false

  @Flag(help: "Write a page with a space-time diagram beside the trace.")
  var html = false

  func validate() throws {
    if step, html {
      throw ValidationError("--step and --html exclude each other: give one of them")
    }
    if step || html, file == nil {
      throw ValidationError("say which trace; 'course replay' alone lists them")
    }
  }

  func run() throws {
    let project = try Project.find()
    guard let file else { return try list(project) }
    let found = try find(file, in: project)
    let trace = try Trace(found.text, name: file)
    if html {
      let page = found.name.hasSuffix(".trace") ? String(found.name.dropLast(6)) : found.name
      let target = Project(root: found.folder)
      try target.write(TracePage(trace, path: file).html, to: page + ".html")
      print("wrote \(target.url(page + ".html").path(percentEncoded: false)): open it in a browser")
    } else if step {
      Stepper(trace).run(ask: Terminal.ask)
    } else {
      print(Stepper(trace).whole)
    }
  }

  private func list(_ project: Project) throws(CourseError) {
    let paths = try project.traces()
    if paths.isEmpty { return print("no check has failed: there is nothing to replay") }
    for path in paths {
      print("\(path)  \(try Trace(project.read(path), name: path).promise)")
    }
  }

  /// The file as it is named from where one stands, from the clone's folder, or for short.
  private func find(
    _ name: String,
    in project: Project
  ) throws(CourseError) -> (folder: URL, name: String, text: String) {
    let short = "\(TracedReport.folder)/\(name).trace"
    let here = Project(root: URL(filePath: FileManager.default.currentDirectoryPath))
    for (place, path) in [(here, name), (project, name), (project, short)] {
      var url = place.url(path)
      if path.hasPrefix("/") { url = URL(filePath: path) }
      let folder = Project(root: url.deletingLastPathComponent())
      let last = url.lastPathComponent
      if folder.exists(last) { return (folder.root, last, try folder.read(last)) }
    }
    let known = try project.traces()
    let advice =
      known.isEmpty
      ? "no check has failed since the last that passed"
      : "there are: " + known.joined(separator: ", ")
    throw CourseError("there is no trace '\(name)'; \(advice)")
  }
}
