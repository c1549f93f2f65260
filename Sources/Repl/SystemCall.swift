#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The calls of the operating system that the prompt needs, with their errors as values.
enum SystemCall {
  static let input: Int32 = 0
  static let output: Int32 = 1
  static let errors: Int32 = 2

  /// What an errno says, in the system's words, as the end of a sentence.
  static func reason(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    let reason = String(cString: text)
    return reason.prefix(1).lowercased() + reason.dropFirst()
  }

  /// Opens a file for reading.
  static func openForReading(_ name: String) throws(ReplError) -> Int32 {
    let descriptor = open(expanded(name), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(name, reason: reason(errno)) }
    var status = stat()
    // A folder opens like a file and fails at the first read, in the middle of a command.
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw .file(name, reason: "is a folder, a file is needed")
    }
    return descriptor
  }

  /// Creates a file for writing, replacing one that exists.
  static func openForWriting(_ name: String) throws(ReplError) -> Int32 {
    let descriptor = open(expanded(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(name, reason: reason(errno)) }
    return descriptor
  }

  /// Opens a private file to which lines are added.
  static func openForAppending(_ name: String) -> Int32 {
    open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  }

  /// The size of a regular file; nil for a pipe or a terminal.
  static func size(_ descriptor: Int32) -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// A file name with `~` at its start replaced by the home folder.
  static func expanded(_ name: String) -> String {
    guard name == "~" || name.hasPrefix("~/"), let home = environment("HOME") else { return name }
    return home + name.dropFirst()
  }

  /// A variable of the environment, if it is set to something.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Whether bytes can be read without waiting, or the end was reached; waits at most
  /// `milliseconds`.
  static func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  /// Reads what is there, up to `count` bytes; nothing at the end.
  ///
  /// Nil if a signal came first.
  static func read(
    _ descriptor: Int32,
    count: Int,
    name: String
  ) throws(ReplError) -> [UInt8]? {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      #if canImport(Glibc)
      let result = Glibc.read(descriptor, buffer.baseAddress, count)
      #elseif canImport(Musl)
      let result = Musl.read(descriptor, buffer.baseAddress, count)
      #else
      let result = Darwin.read(descriptor, buffer.baseAddress, count)
      #endif
      failure = result < 0 ? errno : 0
      filled = max(0, result)
    }
    if failure == EINTR || failure == EAGAIN { return nil }
    if failure != 0 { throw .file(name, reason: reason(failure)) }
    return bytes
  }

  /// Writes all bytes.
  static func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(ReplError) {
    var done = 0
    while done < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
        #if canImport(Glibc)
        return Glibc.write(descriptor, rest.baseAddress, rest.count)
        #elseif canImport(Musl)
        return Musl.write(descriptor, rest.baseAddress, rest.count)
        #else
        return Darwin.write(descriptor, rest.baseAddress, rest.count)
        #endif
      }
      if result >= 0 {
        done += result
      } else if errno == EPIPE {
        throw .outputClosed
      } else if errno == EAGAIN {
        // Somebody made the terminal non-blocking: wait until it takes more.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, 1000)
      } else if errno == EBADF {
        throw .file(name, reason: "it is closed, so nothing can be written")
      } else if errno != EINTR {
        throw .file(name, reason: reason(errno))
      }
    }
  }

  /// Closes a descriptor.
  static func close(_ descriptor: Int32) {
    #if canImport(Glibc)
    _ = Glibc.close(descriptor)
    #elseif canImport(Musl)
    _ = Musl.close(descriptor)
    #else
    _ = Darwin.close(descriptor)
    #endif
  }

  /// Makes sure that the three standard descriptors are taken.
  ///
  /// A closed output is taken by something that cannot be written: results must not vanish in
  /// silence.
  static func occupyStreams() {
    for descriptor in input...errors where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest one that is free, which is this one.
      _ = open("/dev/null", descriptor == output ? O_RDONLY : O_RDWR)
    }
  }

  /// Whether we may change a file or folder; of one that is not there nothing is known.
  static func mayWrite(_ name: String) -> Bool {
    access(name, W_OK) == 0 || errno == ENOENT
  }

  /// Whether a descriptor is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }
}
