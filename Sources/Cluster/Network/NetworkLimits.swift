internal import NIOCore

/// Every limit of what crosses the network, in one place.
public struct NetworkLimits: Equatable, Sendable {
  /// The largest frame that crosses a client's connection, in bytes: a layout is one, which has up
  /// to 25 MB (R30).
  public var clientFrameBytesMax = 32 << 20
  /// The largest frame that nodes and operators may send: a new sequencer is told the ends of all
  /// streams at once.
  public var nodeFrameBytesMax = 128 << 20
  /// How many connections a node serves.
  public var connectionsMax = 4096
  /// How many more may be open, which have not greeted.
  public var strangersMax = 256
  /// How many requests of one connection are worked on at once; no more are read meanwhile.
  public var requestsMax = 1024
  /// How many bytes those requests may have together; no more are read meanwhile.
  public var requestBytesMax = 64 << 20
  /// How many bytes are taken from the network at once.
  public var receiveBytesMax = 512 << 10
  /// How many bytes may wait for a peer before no more is read from files for it.
  public var roomBytes = 16 << 20
  /// How many bytes may wait for a peer that does not read, before the connection is closed.
  public var unsentBytesMax = 256 << 20
  /// How many bytes of frames that have not all come a node holds, of all its connections together;
  /// above it who adds much is closed.
  public var partialBytesMax = 512 << 20
  /// How long a peer may take for its greeting, encryption included.
  public var greetingPatience = Duration.seconds(5)
  /// How long a connection may be silent before a node closes it.
  public var idleMax = Duration.seconds(600)
  /// How long to wait for a connection.
  public var connectPatience = Duration.seconds(2)
  /// How long to rest after a connection that failed; it doubles from one to the next.
  public var restMin = Duration.milliseconds(20)
  /// The longest rest.
  public var restMax = Duration.seconds(1)
  /// How many calls may wait for one connection, or on it, before more are refused.
  public var callsMax = 65_536

  /// The defaults.
  public init() {}
}

extension NetworkLimits {
  /// What the network's bytes are received into: large enough for a batch, where batches come.
  var receiving: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: receiveBytesMax)
  }
}
