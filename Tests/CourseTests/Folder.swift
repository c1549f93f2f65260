import Foundation

@testable import CourseCommand

/// Folders that a test may write in.
enum Folder {
  /// An empty one; whoever asks discards it.
  static func temporary() throws -> Project {
    let name = "corfu-course-" + UUID().uuidString
    let url = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return Project(root: url)
  }
}

extension Project {
  /// Removes the folder, as far as that can be done.
  func discard() {
    // What stays is the system's to clear away.
    try? FileManager.default.removeItem(at: root)
  }
}
