/// What a client puts into the log.
public struct Entry: Hashable, Sendable {
  /// Whose entry it is.
  public let mark: EntryMark
  /// The streams it belongs to; none for a plain entry.
  public let streams: [StreamLink]
  /// The client's bytes.
  public let payload: [UInt8]

  /// An entry of a client.
  public init(mark: EntryMark, streams: [StreamLink] = [], payload: [UInt8]) {
    self.mark = mark
    self.streams = streams
    self.payload = payload
  }

  /// The largest payload that a log takes unless it is told otherwise: 1 MiB.
  public static let payloadBytesMaxDefault = 1 << 20
}
