import CorfuGlobalLog
import CorfuStripeMirror

/// A cluster on real files: a folder per node below one.
struct FileHost<Time: Clock<Duration>>: ClusterHost {
  let folder: String
  let clock: Time
  /// The date and time, for people.
  var now: @Sendable () -> String? = { nil }

  var place: String { "the folder \(folder)" }
  var date: String? { now() }
  var isSimulated: Bool { false }

  func device(of node: NodeID) -> FileDevice { FileDevice(path: "\(folder)/\(node)") }
  func folderDevice() -> FileDevice { FileDevice(path: folder) }
  func view(of node: NodeID) -> FileDevice { device(of: node) }
  func powerCut() -> Int? { nil }

  func draw() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }

  func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value {
    await body()
  }

  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task { await body() }
  }

  func makeThread() -> ThreadExecutor? {
    // Without a thread of its own a unit shares the others', and is slower.
    try? ThreadExecutor()
  }
}
