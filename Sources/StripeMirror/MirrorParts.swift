public import CorfuSequencer

/// The parts of a log over many units that chapters 2 and 3 build, in one bundle.
///
/// Clients are generic over it, so a learner's part runs in the reference's place.
public protocol MirrorParts: Sendable {
  /// Hands out positions (chapter 2).
  associatedtype Tokens: TokenSource
  /// Says which chain keeps a position (chapter 3).
  associatedtype Mapping: PositionMapping
  /// Writes down a chain (chapter 3).
  associatedtype Writer: ChainWriting
  /// Reads from a chain (chapter 3).
  associatedtype Reader: ChainReading
  /// Shares out a batch among the chains (chapter 3).
  associatedtype Sharing: ChainSharing = ChainShares
}

/// The parts as this package builds them.
public enum ReferenceMirrorParts: MirrorParts {
  public typealias Tokens = Sequencer
  public typealias Mapping = RoundRobin
  public typealias Writer = ChainWriter
  public typealias Reader = ChainReader
}
