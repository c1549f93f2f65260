internal import Foundation
public import ServiceLifecycle

/// Waits for the end of the standard input: a node that a bench or a test has started ends with it.
///
/// ``ProcessLeash`` holds the other end.
public struct InputEnd: Service {
  private let descriptor: Int32

  /// Waits for the end of a pipe.
  ///
  /// - Parameter descriptor: The end that is read; the standard input by default.
  public init(of descriptor: Int32 = 0) {
    self.descriptor = descriptor
  }

  /// Returns at the end of the input, or when the service group ends for another reason.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled, !isReached() {
        // Cancelled: that is looked for above. A blocking read would hold a thread for ever.
        try? await ContinuousClock().sleep(for: .milliseconds(200))
      }
    }
  }

  /// Whether the other end is closed; throws away what came through it.
  private func isReached() -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&request, 1, 0) > 0 {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      if count == 0 { return true }
      // Nothing there after all, or no input at all.
      if count < 0 { return errno != EINTR && errno != EAGAIN }
    }
    return false
  }
}
