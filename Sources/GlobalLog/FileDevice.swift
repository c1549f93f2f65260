internal import CPlatform
internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A folder of real files.
///
/// Every call is one system call, tried again only where the system says that it was interrupted. A
/// sync blocks the thread it is called on, which is the store's own (see ``ThreadExecutor``).
public final class FileDevice: Device {
  public let name: String
  private let lockDescriptor = Mutex<Int32?>(nil)
  private let syncThread = Mutex<ThreadExecutor?>(nil)

  /// The device for a folder, which need not exist yet.
  public init(path: String) {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    name = path
  }

  deinit {
    unlock()
    syncThread.withLock { $0?.stop() }
  }

  /// A thread that does nothing else, because a sync blocks it; started when it is first wanted.
  public var syncExecutor: (any TaskExecutor)? {
    syncThread.withLock { thread in
      if let thread { return thread }
      do {
        thread = try ThreadExecutor()
      } catch {
        // Without a thread of its own a sync blocks the store's, and nothing else changes.
        return nil
      }
      return thread
    }
  }

  public func lock() throws(DeviceError) {
    try makeFolder()
    let descriptor = corfu_open(path(of: "lock"), O_RDWR | O_CREAT)
    guard descriptor >= 0 else { throw .system(-descriptor, "open", path(of: "lock")) }
    let status = corfu_lock(descriptor)
    guard status == 0 else {
      close(descriptor)
      throw status == EWOULDBLOCK ? .inUse(name) : .system(status, "lock", path(of: "lock"))
    }
    lockDescriptor.withLock { $0 = descriptor }
  }

  public func unlock() {
    lockDescriptor.withLock { descriptor in
      if let open = descriptor.take() { close(open) }
    }
  }

  /// Whether another process, or another device of this one, has the folder at this moment.
  public var isInUse: Bool {
    let descriptor = corfu_open(path(of: "lock"), O_RDWR)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return corfu_lock(descriptor) == EWOULDBLOCK
  }

  /// How many bytes this process may still take on the file system that the folder is on; `nil`
  /// where the system does not tell.
  public var freeBytes: Int? {
    var bytes: Int64 = 0
    guard corfu_free_bytes(name, &bytes) == 0 else { return nil }
    return Int(bytes)
  }

  public func list() throws(DeviceError) -> [String] {
    guard let folder = opendir(name) else { throw .system(errno, "list", name) }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      // Where the end of the list and an error look alike, a lost name would be a lost segment.
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        let capacity = MemoryLayout.size(ofValue: field.pointee)
        return field.withMemoryRebound(to: CChar.self, capacity: capacity) {
          String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .system(errno, "list", name) }
    return names.sorted()
  }

  public func create(_ name: String, count: Int) throws(DeviceError) -> File {
    let path = path(of: name)
    let descriptor = corfu_open(path, O_RDWR | O_CREAT | O_EXCL)
    guard descriptor >= 0 else { throw .system(-descriptor, "create", path) }
    let status = count > 0 ? corfu_reserve(descriptor, Int64(count)) : 0
    guard status == 0 else {
      close(descriptor)
      unlink(path)
      throw .system(status, "reserve space in", self.name)
    }
    return File(descriptor: descriptor, path: path)
  }

  public func open(_ name: String) throws(DeviceError) -> File {
    let path = path(of: name)
    var descriptor = corfu_open(path, O_RDWR)
    if descriptor == -EACCES || descriptor == -EROFS {
      // Whoever only looks at a folder needs no right to change it.
      descriptor = corfu_open(path, O_RDONLY)
    }
    guard descriptor >= 0 else { throw .system(-descriptor, "open", path) }
    return File(descriptor: descriptor, path: path)
  }

  public func rename(_ name: String, to other: String) throws(DeviceError) {
    #if canImport(Darwin)
    let status = Darwin.rename(path(of: name), path(of: other))
    #elseif canImport(Musl)
    let status = Musl.rename(path(of: name), path(of: other))
    #else
    let status = Glibc.rename(path(of: name), path(of: other))
    #endif
    guard status == 0 else { throw .system(errno, "rename", path(of: name)) }
  }

  public func remove(_ name: String) throws(DeviceError) {
    guard unlink(path(of: name)) == 0 else { throw .system(errno, "remove", path(of: name)) }
  }

  public func syncFolder() async throws(DeviceError) {
    try Self.syncFolder(name)
  }

  private func path(of file: String) -> String { "\(name)/\(file)" }

  /// Creates the folder and those above it, each name durable in its parent.
  private func makeFolder() throws(DeviceError) {
    let maker = FolderMaker { path throws(DeviceError) in
      if mkdir(path, 0o700) == 0 { return true }
      guard errno == EEXIST || errno == EISDIR else { throw .system(errno, "create folder", path) }
      return false
    } sync: { path throws(DeviceError) in
      try Self.syncFolder(path)
    }
    try maker.make(name, isInUse: access(path(of: StoreIdentity.fileName), F_OK) == 0)
    guard let folder = opendir(name) else { throw .system(errno, "open folder", name) }
    closedir(folder)
  }

  private static func syncFolder(_ path: String) throws(DeviceError) {
    let descriptor = corfu_open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .system(-descriptor, "open folder", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      // Never "out of space", which is tried again: after a failed sync nothing is known (D1).
      throw .failed("cannot sync folder \(path): \(String(cString: strerror(errno)))")
    }
  }
}

extension FileDevice {
  /// An open file.
  ///
  /// Its descriptor lives as long as the object: one, from creation to closing (D2).
  public final class File: DeviceFile {
    /// How much of a large write is handed to the system at once.
    private static var pieceBytesMax: Int { 512 << 10 }

    private let descriptor: Int32
    private let path: String

    fileprivate init(descriptor: Int32, path: String) {
      self.descriptor = descriptor
      // For messages, which come when a file that was made under a temporary name has its own.
      self.path = path.hasSuffix(".tmp") ? String(path.dropLast(".tmp".count)) : path
    }

    deinit { close(descriptor) }

    public func size() throws(DeviceError) -> Int {
      let end = lseek(descriptor, 0, SEEK_END)
      guard end >= 0 else { throw .system(errno, "measure", path) }
      return Int(end)
    }

    public func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
      let status: Int32 = bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
          let count = pwrite(
            descriptor,
            bytes.baseAddress?.advanced(by: done),
            min(bytes.count - done, Self.pieceBytesMax),
            off_t(offset + done)
          )
          if count < 0 && errno == EINTR { continue }
          if count < 0 { return errno }
          if count == Self.pieceBytesMax {
            // The disk works on this piece while the next is copied.
            let status = corfu_begin_write_back(descriptor, Int64(offset + done), Int64(count))
            if status != 0 { return status }
          }
          done += count
        }
        return 0
      }
      guard status == 0 else { throw .system(status, "write", path) }
    }

    public func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
      var status: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
        while done < count {
          let got = pread(
            descriptor,
            buffer.baseAddress?.advanced(by: done),
            count - done,
            off_t(offset + done)
          )
          if got < 0 && errno == EINTR { continue }
          if got < 0 { status = errno }
          if got <= 0 { return }
          done += got
        }
      }
      guard status == 0 else { throw .system(status, "read", path) }
      return bytes
    }

    public func sync() async throws(DeviceError) {
      let status = corfu_datasync(descriptor)
      guard status == 0 else { throw .system(status, "sync", path) }
    }

    public func truncate(to count: Int) throws(DeviceError) {
      guard ftruncate(descriptor, off_t(count)) == 0 else { throw .system(errno, "cut", path) }
    }
  }
}

extension DeviceError {
  fileprivate static func system(_ number: Int32, _ call: String, _ path: String) -> DeviceError {
    switch number {
    case ENOSPC, EDQUOT: return .outOfSpace
    case ENOENT: return .notFound(path)
    case EEXIST: return .exists(path)
    case EACCES, EPERM, EROFS: return .noPermission(path)
    case ENOTDIR: return .notAFolder(path)
    default:
      return .failed("cannot \(call) \(path): \(String(cString: strerror(number)))")
    }
  }
}
