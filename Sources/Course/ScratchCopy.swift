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
      for path in try original.files(below: part) {
        wanted.insert(path)
        try project.write(original.read(path), to: path)
      }
    }
    for part in Self.parts where project.exists(part) {
      for path in try project.files(below: part) where !wanted.contains(path) {
        try project.remove(path)
      }
    }
  }
}
