/// The number of an attempt to get a value chosen.
///
/// Ballots are ordered, and no two proposers ever use the same one: the round decides, and where
/// two are in the same round, who they are.
public struct Ballot: Hashable, Sendable, BitwiseCopyable {
  /// Counts the attempts.
  public let round: UInt64
  /// Whose attempt it is.
  public let proposer: ProposerID

  /// A ballot.
  public init(round: UInt64, proposer: ProposerID) {
    self.round = round
    self.proposer = proposer
  }

  /// The first ballot of a proposer that is above another, or its very first.
  public init(above other: Ballot?, of proposer: ProposerID) {
    self.init(round: (other?.round ?? 0) + 1, proposer: proposer)
  }
}

extension Ballot: Comparable {
  public static func < (left: Ballot, right: Ballot) -> Bool {
    left.round == right.round ? left.proposer < right.proposer : left.round < right.round
  }
}

extension Ballot: CustomStringConvertible {
  public var description: String { "\(round).\(proposer)" }
}

/// Whoever makes a proposal: 128 random bits.
///
/// One that begins again has forgotten which ballots it used, so it is somebody else.
public struct ProposerID: Hashable, Sendable, BitwiseCopyable {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// The proposer with these bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws a new proposer.
  public init(using generator: inout some RandomNumberGenerator) {
    self.init(high: generator.next(), low: generator.next())
  }
}

extension ProposerID: Comparable {
  public static func < (left: ProposerID, right: ProposerID) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}

extension ProposerID: CustomStringConvertible {
  /// The first four hexadecimal digits: enough to see that it is another one.
  public var description: String {
    let digits = String(high >> 48, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
