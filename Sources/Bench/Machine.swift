#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// What a benchmark ran on.
public struct Machine: Hashable, Sendable {
  /// The operating system.
  public var system: String
  /// The processor's architecture.
  public var processor: String
  /// How many cores the system has for us.
  public var cores: Int
  /// The kind of file system that the files were on; empty if the system does not tell.
  public var fileSystem: String

  /// A machine.
  public init(system: String, processor: String, cores: Int, fileSystem: String) {
    self.system = system
    self.processor = processor
    self.cores = cores
    self.fileSystem = fileSystem
  }

  /// This machine, with files at a path.
  public static func current(filesAt path: String) -> Machine {
    #if os(macOS)
    let system = "macOS"
    #else
    let system = "Linux"
    #endif
    #if arch(x86_64)
    let processor = "x86-64"
    #elseif arch(arm64)
    let processor = "arm64"
    #else
    let processor = "other"
    #endif
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    return Machine(
      system: system,
      processor: processor,
      cores: Int(cores),
      fileSystem: fileSystem(at: path)
    )
  }

  /// Whether the files are in memory, so that figures of disks mean nothing.
  public var isWithoutDisk: Bool { fileSystem == "tmpfs" || fileSystem == "ramfs" }

  /// In one line: `Linux, x86-64, 2 cores, ext4`.
  public var summary: String {
    [system, processor, cores == 1 ? "1 core" : "\(cores) cores", fileSystem]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// The kind of the file system mounted nearest above a path.
  private static func fileSystem(at path: String) -> String {
    guard let resolved = realpath(path, nil) else { return "" }
    defer { free(resolved) }
    return fileSystem(at: String(cString: resolved), mounts: SystemText.read("/proc/self/mounts"))
  }

  static func fileSystem(at path: String, mounts: String) -> String {
    var best = (point: "", kind: "")
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 3 else { continue }
      let point = String(words[1])
      let isAbove = path == point || path.hasPrefix(point == "/" ? "/" : point + "/")
      // Of two mounts at one point the later one covers the earlier.
      if isAbove && point.count >= best.point.count { best = (point, String(words[2])) }
    }
    return best.kind
  }
}

/// The short texts in which Linux tells of itself.
enum SystemText {
  /// The beginning of a file, or nothing where there is no such file.
  static func read(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      while count < buffer.count {
        let got = Self.read(
          descriptor,
          buffer.baseAddress?.advanced(by: count),
          buffer.count - count
        )
        if got <= 0 { return }
        count += got
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func read(
    _ descriptor: Int32,
    _ bytes: UnsafeMutablePointer<UInt8>?,
    _ count: Int
  ) -> Int {
    #if canImport(Darwin)
    Darwin.read(descriptor, bytes, count)
    #elseif canImport(Musl)
    Musl.read(descriptor, bytes, count)
    #else
    Glibc.read(descriptor, bytes, count)
    #endif
  }
}
