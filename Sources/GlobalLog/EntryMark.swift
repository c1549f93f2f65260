/// Who a client is: 128 random bits, drawn once per life of a client, never stored or used again.
public struct ClientID: Hashable, Sendable, CustomStringConvertible {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// The client with these bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws a new client.
  public init(using generator: inout some RandomNumberGenerator) {
    self.init(high: generator.next(), low: generator.next())
  }

  /// The first eight hexadecimal digits: enough to tell clients apart by eye.
  public var description: String {
    let digits = String(high >> 32, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// What makes an entry its writer's own: two entries with the same bytes are still two entries.
///
/// A writer that finds its mark at a position knows that its write got there, whoever carried it.
public struct EntryMark: Hashable, Sendable, CustomStringConvertible {
  /// Who wrote.
  public let client: ClientID
  /// Which of that client's entries this is; a number stands for one payload.
  public let sequence: UInt64

  /// The mark of a client's entry.
  public init(client: ClientID, sequence: UInt64) {
    self.client = client
    self.sequence = sequence
  }

  public var description: String { "\(client)#\(sequence)" }
}
