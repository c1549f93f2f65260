/// How long a client waits, and how much it does at once.
public struct ClientLimits: Equatable, Sendable {
  /// How long to wait for one reply.
  public var callPatience = Duration.seconds(1)
  /// How long an operation goes on trying while servers are silent or change their epoch.
  public var operationPatience = Duration.seconds(10)
  /// The longest that a reader waits for a hole to be written before it fills it (R21).
  public var fillTimeoutMax = Duration.milliseconds(100)
  /// The first pause after something went wrong; it doubles from one to the next.
  public var pauseMin = Duration.milliseconds(1)
  /// The longest pause.
  public var pauseMax = Duration.milliseconds(100)
  /// The largest payload, in bytes.
  public var payloadBytesMax = 1 << 20
  /// How many batches of appends are on their way at once.
  public var batchesMax = 4
  /// How many appends go into one batch.
  public var batchEntriesMax = 4096
  /// How many positions a subscription reads at once; as many more may be read ahead.
  public var readAheadMax = 256
  /// How many bytes of payload a subscription means to read at once; as many more may be read
  /// ahead.
  ///
  /// How many positions that is, is learned from what came before: where large entries follow small
  /// ones, one read may be larger.
  public var readAheadBytesMax = 16 << 20

  /// Whether the acceptors are asked before "empty" or a tail is given out (R19).
  ///
  /// Without them, as in chapter 5, a server that was deposed may answer what is no longer true.
  public var confirmsNegatives = true

  /// The defaults.
  public init() {}
}
