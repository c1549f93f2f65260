internal import CPlatform
internal import Foundation

/// What the system has in memory of files, so that reading them again costs no disk.
enum PageCache {
  /// Whether the system can be told to forget it.
  static var canForget: Bool {
    #if os(Linux)
    true
    #else
    false
    #endif
  }

  /// Has the system forget what it has of all files below a folder, as far as they are synced.
  ///
  /// - Parameter folder: The folder.
  /// - Throws: ``BenchError``, if a file cannot be opened, or the system does no such thing.
  static func forget(below folder: String) throws(BenchError) {
    // A folder that is not there has no files.
    for name in FileManager.default.subpaths(atPath: folder) ?? [] {
      try forget(file: "\(folder)/\(name)")
    }
  }

  private static func forget(file path: String) throws(BenchError) {
    let descriptor = corfu_open(path, O_RDONLY)
    // Nodes remove files meanwhile.
    if descriptor == -ENOENT { return }
    guard descriptor >= 0 else { throw .system(-descriptor, "open", path) }
    let status = corfu_forget_pages(descriptor)
    close(descriptor)
    guard status == 0 else { throw .system(status, "forget the pages of", path) }
  }
}
