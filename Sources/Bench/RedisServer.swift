internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A Redis server of this machine that syncs each append to its file before it answers: one node,
/// with no copy anywhere.
struct RedisServer: Sendable {
  /// The port on loopback that it listens on.
  let port: Int

  /// The program's name.
  static let program = "redis-server"
  private static let patience = Duration.seconds(10)

  /// Starts a server with its files in a folder, hands it to `body` and ends its process; `nil`, if
  /// the program is not installed.
  static func with<Result>(
    in folder: BenchFolder,
    _ body: (RedisServer?) async throws -> Result
  ) async throws -> Result {
    guard let path = ProgramSearch.path(of: program) else { return try await body(nil) }
    try folder.make()
    let port = try await freePort()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments(port: port, folder: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw BenchError.failed("\(path) was not started: \(error.localizedDescription)")
    }
    let result: Result
    do {
      try await waitUntilItListens(process, port)
      result = try await body(RedisServer(port: port))
    } catch {
      await end(process)
      throw error
    }
    await end(process)
    try folder.remove()
    return result
  }

  /// How it is told to keep what is appended, and to do nothing besides.
  static func arguments(port: Int, folder: String) -> [String] {
    [
      "--bind", "127.0.0.1", "--port", "\(port)", "--dir", folder, "--daemonize", "no",
      "--appendonly", "yes", "--appendfsync", "always",
      // No snapshots, and the file is not written anew while it is measured.
      "--save", "", "--auto-aof-rewrite-percentage", "0",
    ]
  }

  /// A port that nobody listens on: somebody else may take it before the server does.
  private static func freePort() async throws -> Int {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = listener.localAddress?.port ?? 0
    try await listener.close()
    return port
  }

  private static func waitUntilItListens(_ process: Process, _ port: Int) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: patience)
    while true {
      do {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: port).get()
        try await channel.close()
        return
      } catch {
        if !process.isRunning { throw BenchError.failed("redis-server ended as soon as it began") }
        if clock.now > deadline {
          throw BenchError.failed("redis-server does not listen: \(error)")
        }
      }
      try await clock.sleep(for: .milliseconds(50))
    }
  }

  /// Ends the process at once: nobody wants what it keeps.
  private static func end(_ process: Process) async {
    kill(process.processIdentifier, SIGKILL)
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: patience)
    while process.isRunning, clock.now < deadline, !Task.isCancelled {
      // Cancelled: that is looked for above.
      try? await clock.sleep(for: .milliseconds(10))
    }
  }
}
