import Foundation

/// A copy of the clone's sources in which verification may write as it likes.
///
/// It stays between runs, so that only what changed is built again.
struct ScratchCopy {
  /// The copy.
  let project: Project

  private static let parts = ["Package.swift", "Sources", "Tests", "Exercises"]

  /// Brings the copy of a project up to date.
  init(of original: Project) throws(CourseError) {
    project = Project(root: original.url(".course/verify"))
    var wanted: Set<String> = []
    for part in Self.parts where original.exists(part) {
      for path in try Self.files(below: part, in: original) {
        wanted.insert(path)
        try project.write(original.read(path), to: path)
      }
    }
    for part in Self.parts where project.exists(part) {
      for path in try Self.files(below: part, in: project) where !wanted.contains(path) {
        do {
          try FileManager.default.removeItem(at: project.url(path))
        } catch {
          throw CourseError("\(path) cannot be removed from the copy: \(error)")
        }
      }
    }
  }

  /// The files below a folder, or the file itself; hidden ones are left out.
  private static func files(
    below path: String,
    in project: Project
  ) throws(CourseError) -> [String] {
    var isFolder: ObjCBool = false
    let url = project.url(path)
    _ = FileManager.default.fileExists(
      atPath: url.path(percentEncoded: false),
      isDirectory: &isFolder
    )
    guard isFolder.boolValue else { return path.hasSuffix(".resolved") ? [] : [path] }
    var found: [String] = []
    for name in try project.names(in: path) {
      found += try files(below: path + "/" + name, in: project)
    }
    return found
  }
}
