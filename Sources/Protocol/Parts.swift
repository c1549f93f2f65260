public import CorfuCopyCompaction
public import CorfuPaxosConfigurator
public import CorfuSequencer
public import CorfuStripeMirror
public import CorfuWriteOnce

/// The parts of a cluster that chapters 2 to 7 build, in one bundle.
///
/// Nodes and clients are generic over it, so a learner's part runs in the reference's place, at
/// full speed, in a real cluster.
public protocol Parts: CompactionParts {
  /// Hands out positions (chapter 2).
  associatedtype Tokens: TokenSource
  /// Says which chain keeps a position (chapter 3).
  associatedtype Mapping: PositionMapping
  /// Writes down a chain (chapter 3).
  associatedtype Writer: ChainWriting
  /// Reads from a chain (chapter 3).
  associatedtype Reader: ChainReading
  /// Lets in whoever believes in the layout in force (chapter 5).
  associatedtype Gate: EpochAdmission
  /// Resolves holes (chapter 5).
  associatedtype Filler: ChainFilling
  /// Finds out what became of an append (chapter 5).
  associatedtype Resolver: AppendResolving = AppendResolver
  /// Votes on the next layout (chapter 6).
  associatedtype Voter: Accepting = Acceptor<Layout> where Voter.Value == Layout
  /// Says who is in a chain of the next layout (chapter 6).
  associatedtype Planner: ChainPlanning = ChainPlanner
  /// Says which copies a layout lacks (chapter 6).
  associatedtype Rebuilds: RebuildPlanning = RebuildPlan
  /// Says whether what a transaction read has moved (chapter 7).
  associatedtype Window: ConflictJudging = ConflictWindow
}

/// The parts as this package builds them.
public enum ReferenceParts: Parts {
  public typealias Tokens = Sequencer
  public typealias Mapping = RoundRobin
  public typealias Writer = ChainWriter
  public typealias Reader = ChainReader
  public typealias Gate = EpochGate
  public typealias Filler = ChainFiller
}
