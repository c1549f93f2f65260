import CorfuGlobalLog
import CorfuStripeMirror

/// Where a cluster at the prompt lives: on real files and in real time, or in a simulated world.
protocol ClusterHost: Sendable {
  /// What a node's folder is to a process.
  associatedtype Storage: Device
  /// What waits are measured by.
  associatedtype Time: Clock<Duration>

  /// What waits are measured by.
  var clock: Time { get }
  /// Where the cluster is, for messages.
  var place: String { get }
  /// The date and time, where there is such a thing: for people alone.
  var date: String? { get }
  /// Whether it ends with the session.
  var isSimulated: Bool { get }

  /// A new process's view of a node's folder; what a process before it held is given up.
  func device(of node: NodeID) -> Storage
  /// A new process's view of the folder above the nodes'.
  func folderDevice() -> Storage
  /// A look at a node's folder, whoever has it.
  func view(of node: NodeID) -> Storage
  /// Cuts the power of every disk, and tells how many unsynced sectors that cost; `nil` if the
  /// disks are real.
  func powerCut() -> Int?
  /// A seed for a generator.
  func draw() -> UInt64

  /// Lets time pass until a piece of work is done.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value
  /// Starts work that goes on beyond a command; called inside ``run(_:)``.
  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never>
  /// A thread for a node's disk, if syncs block.
  func makeThread() -> ThreadExecutor?
}
