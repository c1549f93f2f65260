internal import Foundation
internal import Synchronization

/// What ends processes with the program that started them, be it killed: a pipe that they have as
/// their standard input, and whose other end is open in that program alone.
///
/// Nothing is ever written. The system closes the pipe when the program ends, and nodes that find
/// their input at its end finish what they were asked, as on SIGTERM.
public final class ProcessLeash: Sendable {
  /// The end of the pipe that processes have as their standard input; good until ``cut()``.
  public let inputDescriptor: Int32
  private let writeEnd: Int32
  private let isCut = Atomic<Bool>(false)

  /// The flag of `corfu node` that has it end with its standard input.
  public static let flag = "--end-with-input"

  /// A leash for as long as it is kept; `nil` where the system has no pipe for it.
  public init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    inputDescriptor = ends[0]
    writeEnd = ends[1]
    // A child that held the other end itself would never see the end of it.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit { cut() }

  /// Ends the processes that are on it, while the program goes on.
  public func cut() {
    if isCut.exchange(true, ordering: .acquiringAndReleasing) { return }
    close(inputDescriptor)
    close(writeEnd)
  }

  /// What processes have as their standard input.
  var input: FileHandle { FileHandle(fileDescriptor: inputDescriptor, closeOnDealloc: false) }
}
