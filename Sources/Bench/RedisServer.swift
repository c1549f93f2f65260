internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A Redis server of this machine that syncs each append to its file before it answers: one node,
/// with no copy anywhere, or with a replica on the same machine, which syncs as well.
struct RedisServer: Sendable {
  /// The port on loopback that it listens on.
  let port: Int
  /// What it lets nobody do anything without, and no other server knows: the port was free a moment
  /// before it began, and somebody else's data must not be touched.
  let password: String
  /// Whether there is a replica.
  let isReplicated: Bool

  /// The program's name.
  static let program = "redis-server"
  private static let patience = Duration.seconds(10)

  /// Starts a server with its files in a folder, hands it to `body` and ends its process.
  ///
  /// - Parameters:
  ///   - folder: Where its files go; it is gone at the end.
  ///   - isReplicated: Whether another server keeps a copy of all that it is told.
  ///   - body: What to do with it; it is handed `nil`, if the program is not installed.
  /// - Returns: What `body` returns.
  /// - Throws: ``BenchError``, if a server does not begin, and what `body` throws.
  static func with<Result>(
    in folder: BenchFolder,
    isReplicated: Bool = false,
    _ body: (RedisServer?) async throws -> Result
  ) async throws -> Result {
    guard let path = ProgramSearch.path(of: program) else { return try await body(nil) }
    let server = try await fresh(isReplicated: isReplicated, password: freshPassword())
    return try await server.run(path, in: folder, after: nil) {
      guard isReplicated else { return try await body(server) }
      // Only now, so that it cannot be given the first one's port.
      let replica = try await fresh(isReplicated: false, password: server.password)
      return try await replica.run(path, in: folder.folder("replica"), after: server.port) {
        try await body(server)
      }
    }
  }

  private static func fresh(
    isReplicated: Bool,
    password: String
  ) async throws -> RedisServer {
    RedisServer(port: try await freePort(), password: password, isReplicated: isReplicated)
  }

  private func run<Result>(
    _ path: String,
    in folder: BenchFolder,
    after first: Int?,
    _ body: () async throws -> Result
  ) async throws -> Result {
    try folder.make()
    try writeSettings(in: folder)
    let arguments = Self.arguments(port: port, folder: folder.path, after: first)
    let process = try LeashedProcess(path, arguments)
    let result: Result
    do {
      try await waitUntilItListens(process)
      result = try await body()
    } catch {
      await process.end()
      throw error
    }
    await process.end()
    try folder.remove()
    return result
  }

  /// How it is told to keep what is appended, and to do nothing besides.
  ///
  /// - Parameters:
  ///   - port: Where it listens.
  ///   - folder: Where its files go.
  ///   - first: The port of the server that it is a replica of; `nil` for none.
  /// - Returns: The program's arguments.
  static func arguments(port: Int, folder: String, after first: Int? = nil) -> [String] {
    var arguments = [
      settingsPath(in: folder),
      "--bind", "127.0.0.1", "--port", "\(port)", "--dir", folder, "--daemonize", "no",
      "--appendonly", "yes", "--appendfsync", "always",
      // No snapshots, and the file is not written anew while it is measured.
      "--save", "", "--auto-aof-rewrite-percentage", "0",
      // A replica that comes is served at once: nobody waits for others to come.
      "--repl-diskless-sync-delay", "0",
    ]
    if let first { arguments += ["--replicaof", "127.0.0.1", "\(first)"] }
    return arguments
  }

  private static func settingsPath(in folder: String) -> String { "\(folder)/redis.conf" }

  /// Writes down its password, which a replica shows as well, in a file: arguments can be read by
  /// everybody.
  private func writeSettings(in folder: BenchFolder) throws(BenchError) {
    let path = Self.settingsPath(in: folder.path)
    let isWritten = FileManager.default.createFile(
      atPath: path,
      contents: Data("requirepass \(password)\nmasterauth \(password)\n".utf8),
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
