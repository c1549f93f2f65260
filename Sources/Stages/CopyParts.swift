public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuSequencer
public import CorfuStripeMirror

/// The parts of a log over many units that chapters 2 to 4 build, in one bundle.
public protocol CopyParts: MirrorParts, CompactionParts {
  /// Gathers what a copy is to trim (exercise 4.1).
  associatedtype Trims: TrimSet = PositionSet
}

/// The parts as this package builds them.
public enum ReferenceCopyParts: CopyParts {
  public typealias Tokens = Sequencer
  public typealias Mapping = RoundRobin
  public typealias Writer = ChainWriter
  public typealias Reader = ChainReader
}
