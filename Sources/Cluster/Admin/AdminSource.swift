/// What the admin server tells of.
public protocol AdminSource: Sendable {
  /// What is wrong with the process, in a line; `nil` if it does what it should.
  func ailment() async -> String?

  /// Why the process should be sent no requests yet, or no more; `nil` if it should.
  func unreadiness() async -> String?

  /// What somebody should know of a process that does what it should; `nil` if there is nothing.
  func remark() async -> String?

  /// The metrics, as Prometheus reads them.
  func metrics() async -> String
}

/// How much the admin server takes at once.
public struct AdminLimits: Equatable, Sendable {
  /// How many connections it serves.
  public var connectionsMax = 64
  /// How many header fields a request may have.
  public var headersMax = 64
  /// How long a field may be, the path included, in bytes.
  public var headerBytesMax = 4 << 10
  /// How long all of them may be, in bytes.
  public var headerListBytesMax = 16 << 10
  /// How long a body may be, in bytes; nothing reads it.
  public var bodyBytesMax = 4 << 10
  /// How long a connection may take for its next request, and for reading the answer to it.
  public var patience = Duration.seconds(60)

  /// The defaults.
  public init() {}
}
