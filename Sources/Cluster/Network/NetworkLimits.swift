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
  /// How many bytes may wait for a peer before no more requests of it are taken, and nothing more
  /// is read from files for it.
  public var roomBytes = 16 << 20
  /// How many bytes may wait for a peer that does not read, before the connection is closed.
  public var unsentBytesMax = 256 << 20
  /// How long a peer may take nothing of what waits for it, before the connection is closed.
  public var unsentPatience = Duration.seconds(30)
  /// How many bytes a node holds of requests that it works on and of answers that wait, of all its
  /// connections together; above half of it those that hold most have to wait.
  public var heldBytesMax = 256 << 20
  /// How many bytes of frames that have not all come a node holds, of all its connections together;
  /// above it who adds much is closed.
  public var partialBytesMax = 512 << 20
  /// How long a peer may take for its greeting, encryption included.
  public var greetingPatience = Duration.seconds(5)
  /// How long a connection may be silent before a node closes it.
  public var idleMax = Duration.seconds(600)
  /// How long a node may say nothing at all while it is asked, before it is called on another
  /// connection.
  public var answerPatience = Duration.seconds(2)
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
  /// How many bytes may wait for a peer before it has to take some of them: few enough that those
  /// that are under way do not end the connection.
  var roomMax: Int { min(roomBytes, unsentBytesMax / 2) }

  /// What the network's bytes are received into: large enough for a batch, where batches come.
  var receiving: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: receiveBytesMax)
  }

  /// The same for one of many connections: each keeps what it receives into, so it is less where
  /// there are more.
  func receiving(amongst connections: Int) -> AdaptiveRecvByteBufferAllocator {
    var limits = self
    let share = Self.receivedBytesMax / max(1, connections)
    limits.receiveBytesMax = max(16 << 10, min(receiveBytesMax, share))
    return limits.receiving
  }

  /// What many connections keep to receive into, about.
  private static var receivedBytesMax: Int { 64 << 20 }
}
