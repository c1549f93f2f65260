// The C library's `stdout` is a variable, which Swift 6 would not let us name otherwise.
#if canImport(Darwin)
@preconcurrency import Darwin
#elseif canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

/// A child process and what became of it.
///
/// No shell is involved.
struct ChildProcess {
  /// How a child ended.
  enum Ending: Equatable {
    /// With an exit status.
    case exited(Int32)
    /// By a signal.
    case killed(Int32)
    /// It did not even start; the system's error number.
    case notStarted(Int32)
  }

  /// How it ended.
  let ending: Ending
  /// What it printed, errors included.
  let output: String

  /// Runs a program to its end.
  ///
  /// - Parameter arguments: The program's path, and its arguments.
  init(_ arguments: [String]) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      ending = .notStarted(errno)
      output = ""
      return
    }
    var child = pid_t()
    let status = Self.spawn(arguments, into: ends, child: &child)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      ending = .notStarted(status)
      output = ""
      return
    }
    output = Self.readAll(ends[0])
    close(ends[0])
    ending = Self.wait(for: child)
  }

  /// Asks the system to end this process after some seconds, so that a hang costs one check.
  static func limitOwnTime(seconds: UInt32) {
    _ = alarm(seconds)
  }

  /// Has what this process prints leave it line by line, so that a trap swallows none of it.
  static func printLineByLine() {
    setvbuf(stdout, nil, _IOLBF, 0)
  }

  private static func spawn(
    _ arguments: [String],
    into ends: [Int32],
    child: inout pid_t
  ) -> Int32 {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    #else
    var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    // A blocked signal stays blocked in a child, and then its own time limit would not end it.
    #if canImport(Darwin)
    var attributes: posix_spawnattr_t?
    #else
    var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGALRM)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))
    let words = arguments.map { strdup($0) } + [nil]
    let settings = environment.map { strdup($0) } + [nil]
    defer { for word in words + settings { free(word) } }
    guard let program = words[0] else { return EINVAL }
    return posix_spawnp(&child, program, &actions, &attributes, words, settings)
  }

  /// What a child is told of its surroundings: as little as possible, so that it runs alike
  /// everywhere.
  private static var environment: [String] {
    let names: [String] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]
    let passedOn: [String] = names.compactMap { name in
      getenv(name).map { "\(name)=" + String(cString: $0) }
    }
    // A trap is a finding like any other: its stack would bury the story.
    return passedOn + ["SWIFT_BACKTRACE=enable=no"]
  }

  /// Of a program that prints without end, what is kept: the beginning, and what came last.
  private static let outputBytesMax = 4 << 20

  private static func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if bytes.count > outputBytesMax {
        bytes.removeSubrange(outputBytesMax / 4..<outputBytesMax / 2)
      }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  private static func wait(for child: pid_t) -> Ending {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      if errno != EINTR { return .notStarted(errno) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
  }
}
