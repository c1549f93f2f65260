/// What a runtime does at once, and how patient it is.
public struct RuntimeLimits: Hashable, Sendable {
  /// How many entries are fetched before they are applied.
  public var chunkMax = 256
  /// How long a part of the log must be for reading all of it instead of following pointers: if
  /// most of what stands in it seems to be wanted.
  public var scanMin = 1024
  /// How many positions are held of what is still to be played.
  ///
  /// Where more are found, most of them are let go, and found once more when their turn comes.
  public var positionsMax = 1 << 18
  /// How often a transaction is tried before its last reason is given.
  public var attemptsMax = 32
  /// The first pause between two tries; it doubles from one to the next.
  public var pauseMin = Duration.microseconds(500)
  /// The longest pause.
  public var pauseMax = Duration.milliseconds(100)
  /// The largest payload of one entry, in bytes: not more than the log takes.
  public var payloadBytesMax = 1 << 20
  /// About how large the pieces of a checkpoint are, in bytes.
  public var pieceBytes = 64 << 10

  /// Whether what an operator has given up with its disks is passed over, as if nobody had written
  /// there (R24).
  ///
  /// Then objects are what is left of them, which may be what they never were for anybody else. It
  /// is for whoever saves what is left: a checkpoint makes that what everybody has. Other programs
  /// are ended first: one that has played all that is lost misses nothing, and goes on with it.
  public var passesLosses = false

  /// The defaults.
  public init() {}
}
