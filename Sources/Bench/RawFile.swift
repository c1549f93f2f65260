internal import CPlatform

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A file as the system gives it, with nothing in between: what baselines are measured on.
final class RawFile: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Creates a file, or takes up one that is there.
  init(_ path: String) throws(BenchError) {
    self.path = path
    descriptor = corfu_open(path, O_RDWR | O_CREAT)
    guard descriptor >= 0 else { throw .system(-descriptor, "create", path) }
  }

  deinit { close(descriptor) }

  /// Writes all of some bytes.
  func write(_ bytes: RawSpan, at offset: Int) throws(BenchError) {
    let isDone = bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = pwrite(
          descriptor,
          bytes.baseAddress?.advanced(by: done),
          bytes.count - done,
          off_t(offset + done)
        )
        if count <= 0 { return false }
        done += count
      }
      return true
    }
    guard isDone else { throw .system(errno, "write", path) }
  }

  /// Fills a buffer from the file.
  func read(into buffer: inout [UInt8], at offset: Int) throws(BenchError) {
    let got = buffer.withUnsafeMutableBytes {
      pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
    }
    guard got == buffer.count else { throw .system(errno, "read", path) }
  }

  /// Makes what was written durable.
  func sync() throws(BenchError) {
    let status = corfu_datasync(descriptor)
    guard status == 0 else { throw .system(status, "sync", path) }
  }

  /// Has the system forget what it has of the file in memory, as far as that is synced.
  func forget() throws(BenchError) {
    let status = corfu_forget_pages(descriptor)
    guard status == 0 else { throw .system(status, "forget the pages of", path) }
  }

  /// Removes a file's name.
  static func remove(_ path: String) throws(BenchError) {
    guard unlink(path) == 0 else { throw .system(errno, "remove", path) }
  }
}

extension BenchError {
  static func system(_ number: Int32, _ call: String, _ path: String) -> BenchError {
    .failed("cannot \(call) \(path): \(String(cString: strerror(number)))")
  }
}
