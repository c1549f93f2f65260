internal import CorfuCluster
internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A process of a program that knows nothing of this one, and ends with it all the same, be it
/// killed: a shell stands beside it, which has a leash as its standard input and kills it at its
/// end.
final class LeashedProcess: Sendable {
  private let leash: ProcessLeash
  private let shell: Process

  /// What the shell does.
  ///
  /// It waits for the program, so that it ends when that does, and never kills anybody who has its
  /// number after it. Signals of a terminal are for the program alone.
  private static let script = """
    trap '' INT TERM HUP
    exec 3<&0 </dev/null
    "$@" 3<&- & server=$!
    { read -r line <&3; kill -9 $server; } & watcher=$!
    wait $server
    kill -9 $watcher
    """
  private static let patience = Duration.seconds(10)

  /// Starts a program, which hears nothing and whose words nobody hears.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - arguments: What it is told.
  /// - Throws: ``BenchError``, if there is no process for it.
  init(_ path: String, _ arguments: [String]) throws(BenchError) {
    guard let leash = ProcessLeash() else { throw .failed("\(path) was not started: no pipe") }
    self.leash = leash
    shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", Self.script, "sh", path] + arguments
    shell.standardInput = FileHandle(
      fileDescriptor: leash.inputDescriptor,
      closeOnDealloc: false
    )
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    do {
      try Self.withoutBlockedSignals(shell.run)
    } catch {
      throw .failed("\(path) was not started: \(error.localizedDescription)")
    }
  }

  /// Starts something that hears of signals, whatever this thread does not hear of.
  ///
  /// Threads of the system's pool block all signals, children inherit that, and some shells wait
  /// for ever for a child whose end they are not told.
  private static func withoutBlockedSignals(_ start: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try start()
  }

  /// Whether it has not ended.
  var isRunning: Bool { shell.isRunning }

  /// Ends the process at once, and waits until it has ended, also if its task is cancelled: what it
  /// would still write must not come into a folder that is being removed.
  func end() async {
    leash.cut()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: Self.patience)
    while isRunning, clock.now < deadline {
      // Nobody cancels it, and a task that is cancelled waits for it all the same: no sleep does.
      try? await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }
  }
}
