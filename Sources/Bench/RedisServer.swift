internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A Redis server of this machine that syncs each append to its file before it answers: one node,
/// with no copy anywhere.
struct RedisServer: Sendable {
  /// The port on loopback that it listens on.
  let port: Int
  /// What it lets nobody do anything without, and no other server knows: the port was free a moment
  /// before it began, and somebody else's data must not be touched.
  let password: String

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
    let server = RedisServer(port: try await freePort(), password: freshPassword())
    try server.writeSettings(in: folder)
    let process = try LeashedProcess(path, arguments(port: server.port, folder: folder.path))
    let result: Result
    do {
      try await server.waitUntilItListens(process)
      result = try await body(server)
    } catch {
      await process.end()
      throw error
    }
    await process.end()
    try folder.remove()
    return result
  }

  /// How it is told to keep what is appended, and to do nothing besides.
  static func arguments(port: Int, folder: String) -> [String] {
    [
      settingsPath(in: folder),
      "--bind", "127.0.0.1", "--port", "\(port)", "--dir", folder, "--daemonize", "no",
      "--appendonly", "yes", "--appendfsync", "always",
      // No snapshots, and the file is not written anew while it is measured.
      "--save", "", "--auto-aof-rewrite-percentage", "0",
    ]
  }

  private static func settingsPath(in folder: String) -> String { "\(folder)/redis.conf" }

  /// Writes down its password, in a file: arguments can be read by everybody.
  private func writeSettings(in folder: BenchFolder) throws(BenchError) {
    let path = Self.settingsPath(in: folder.path)
    let isWritten = FileManager.default.createFile(
      atPath: path,
      contents: Data("requirepass \(password)\n".utf8),
      attributes: [.posixPermissions: 0o600]
    )
    guard isWritten else { throw .failed("\(path) cannot be written") }
  }

  private static func freshPassword() -> String {
    var random = SystemRandomNumberGenerator()
    let (first, second): (UInt64, UInt64) = (random.next(), random.next())
    return String(first, radix: 36) + String(second, radix: 36)
  }

  /// A port that nobody listens on: somebody else may take it before the server does.
  private static func freePort() async throws -> Int {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = listener.localAddress?.port ?? 0
    try await listener.close()
    return port
  }

  private func waitUntilItListens(_ process: LeashedProcess) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: Self.patience)
    while true {
      do {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: port).get()
        try await channel.close()
        // If not, somebody else listens there.
        if process.isRunning { return }
      } catch {
        if clock.now > deadline {
          throw BenchError.failed("redis-server does not listen: \(error)")
        }
      }
      if !process.isRunning { throw BenchError.failed("redis-server ended as soon as it began") }
      try await clock.sleep(for: .milliseconds(50))
    }
  }
}
