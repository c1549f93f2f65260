import Foundation

/// The clone that the course works in.
struct Project: Sendable {
  /// Its folder.
  let root: URL

  /// The clone in this folder.
  init(root: URL) {
    self.root = root
  }

  /// Finds the clone that the working folder lies in.
  static func find() throws(CourseError) -> Project {
    var folder = URL(filePath: FileManager.default.currentDirectoryPath).standardizedFileURL
    while true {
      let project = Project(root: folder)
      if project.exists("Chapters/README.md"), project.exists("Exercises/Package.swift") {
        return project
      }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path() == folder.path() {
        throw CourseError("there is no course here: go to the folder of your clone")
      }
      folder = parent
    }
  }

  /// A file or folder of the project.
  func url(_ path: String) -> URL {
    root.appending(path: path)
  }

  /// Whether there is a file or folder.
  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: url(path).path(percentEncoded: false))
  }

  /// A file's text.
  func read(_ path: String) throws(CourseError) -> String {
    do {
      return try String(contentsOf: url(path), encoding: .utf8)
    } catch {
      throw CourseError("\(path) cannot be read: \(error.localizedDescription)")
    }
  }

  /// Writes a file, and the folders it lies in.
  ///
  /// A file that holds this text already is left alone.
  func write(_ text: String, to path: String) throws(CourseError) {
    let url = url(path)
    let before = modified(path)
    do {
      if exists(path), try String(contentsOf: url, encoding: .utf8) == text { return }
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw CourseError("\(path) cannot be written: \(error.localizedDescription)")
    }
    try date(path, after: before)
  }

  /// When a file was changed last, if there is one.
  func modified(_ path: String) -> Date? {
    let path = url(path).path(percentEncoded: false)
    // A file that cannot be asked is as good as none: its next change is new in any case.
    return (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

  /// Makes a file look changed a second or more after an earlier moment.
  ///
  /// The compiler compares whole seconds, and takes a file that was built and changed within the
  /// same one for unchanged. A build takes less than that.
  func date(_ path: String, after before: Date?) throws(CourseError) {
    guard let before, let now = modified(path) else { return }
    let next = before.timeIntervalSinceReferenceDate.rounded(.down) + 1
    if now.timeIntervalSinceReferenceDate >= next { return }
    do {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceReferenceDate: next)],
        ofItemAtPath: url(path).path(percentEncoded: false)
      )
    } catch {
      throw CourseError("\(path) cannot be dated: \(error.localizedDescription)")
    }
  }

  /// The files below a folder, or the file itself; hidden ones are left out.
  func files(below path: String) throws(CourseError) -> [String] {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(
      atPath: url(path).path(percentEncoded: false),
      isDirectory: &isFolder
    )
    guard isFolder.boolValue else { return path.hasSuffix(".resolved") ? [] : [path] }
    var found: [String] = []
    for name in try names(in: path) { found += try files(below: path + "/" + name) }
    return found
  }

  /// Removes a file, if there is one.
  func remove(_ path: String) throws(CourseError) {
    guard exists(path) else { return }
    do {
      try FileManager.default.removeItem(at: url(path))
    } catch {
      throw CourseError("\(path) cannot be removed: \(error.localizedDescription)")
    }
  }

  /// The names of what is in a folder, sorted; hidden ones are left out.
  func names(in path: String) throws(CourseError) -> [String] {
    do {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: url(path).path(percentEncoded: false)
      )
      return names.filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw CourseError("\(path) cannot be listed: \(error.localizedDescription)")
    }
  }
}
