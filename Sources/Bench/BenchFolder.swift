#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A fresh folder for a benchmark's files, removed with all that is in it when the benchmark ends.
public struct BenchFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Makes a folder, hands it to `body` and removes it.
  ///
  /// `parent` says where: on the file system that is to be measured.
  public static func with<Result>(
    in parent: String,
    _ body: (BenchFolder) async throws -> Result
  ) async throws -> Result {
    let folder = BenchFolder(path: "\(parent)/corfu-bench-\(getpid())")
    try folder.make()
    let result: Result
    do {
      result = try await body(folder)
    } catch {
      try folder.remove()
      throw error
    }
    try folder.remove()
    return result
  }

  /// A folder inside this one; it need not exist.
  public func folder(_ name: String) -> BenchFolder { BenchFolder(path: path(of: name)) }

  /// The path of a file in the folder.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Has the system write back whatever it holds for any disk.
  public static func writeBack() {
    #if canImport(Darwin)
    Darwin.sync()
    #elseif canImport(Musl)
    Musl.sync()
    #else
    Glibc.sync()
    #endif
  }

  func make() throws(BenchError) {
    guard mkdir(path, 0o700) == 0 else { throw .system(errno, "create folder", path) }
  }

  /// Removes the folder with all that is in it.
  public func remove() throws(BenchError) {
    guard let open = opendir(path) else { throw .system(errno, "list", path) }
    var names: [String] = []
    while let entry = readdir(open) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee))
        {
          String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    closedir(open)
    for name in names {
      let path = path(of: name)
      if unlink(path) == 0 { continue }
      guard errno == EISDIR || errno == EPERM else { throw .system(errno, "remove", path) }
      try folder(name).remove()
    }
    guard rmdir(path) == 0 else { throw .system(errno, "remove", path) }
  }
}
