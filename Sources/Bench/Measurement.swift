/// What one run of a trial gave.
public struct Measurement: Sendable {
  /// How many operations were done.
  public var operations: Int
  /// How many bytes they moved, without headers and the like.
  public var bytes: Int
  /// How long all of it took.
  public var duration: Duration
  /// How long each took; empty where nobody looked.
  public var latencies = Latencies()
  /// Lost races, where there were any.
  public var lostRaces = 0
  /// Tries that came to nothing, besides the operations.
  public var aborts = 0
  /// What others did meanwhile, who are not among the operations.
  public var besides = 0
  /// The operations by kind, where there are several kinds.
  public var parts: [Measurement] = []
  /// Requests and replies, where somebody counted.
  public var messages = 0
  /// Syncs of files and folders, where somebody counted.
  public var syncs = 0

  /// A measurement.
  public init(operations: Int, bytes: Int, duration: Duration, latencies: Latencies = Latencies()) {
    self.operations = operations
    self.bytes = bytes
    self.duration = duration
    self.latencies = latencies
  }

  /// Operations per second.
  public var operationsPerSecond: Double { Double(operations) / duration.seconds }

  /// How many of all tries came to nothing, from 0 to 1.
  public var abortShare: Double { Double(aborts) / Double(max(1, operations + aborts)) }

  /// What others did meanwhile, per second.
  public var besidesPerSecond: Double { Double(besides) / duration.seconds }

  /// Requests and replies for each operation.
  public var messagesPerOperation: Double { Double(messages) / Double(max(1, operations)) }

  /// Syncs for each operation.
  public var syncsPerOperation: Double { Double(syncs) / Double(max(1, operations)) }

  /// Bytes per second.
  public var bytesPerSecond: Double { Double(bytes) / duration.seconds }

  /// The median latency, in seconds.
  public var p50: Double { latencies.seconds(atPercentile: 50) }

  /// The latency that one operation in a hundred exceeds, in seconds.
  public var p99: Double { latencies.seconds(atPercentile: 99) }
}

extension Duration {
  /// The duration as a number of seconds.
  public var seconds: Double { self / .seconds(1) }
}
