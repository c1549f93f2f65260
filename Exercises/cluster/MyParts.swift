import CopyCompactionExercises
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import GlobalLogExercises
import PaxosConfiguratorExercises
import SequencerExercises
import StripeMirrorExercises
import TransactionsExercises
import WriteOnceExercises

/// The parts of chapters 2 to 7 in one bundle, yours and ours mixed.
enum Mixed<
  Tokens: TokenSource,
  Mapping: PositionMapping,
  Writer: ChainWriting,
  Reader: ChainReading,
  Sharing: ChainSharing,
  Trims: TrimSet,
  Policy: CompactionPolicy,
  Mover: SegmentMoving,
  Gate: EpochAdmission,
  Filler: ChainFilling,
  Resolver: AppendResolving,
  Voter: Accepting,
  Planner: ChainPlanning,
  Rebuilds: RebuildPlanning,
  Window: ConflictJudging
>: Parts, CopyParts where Voter.Value == Layout {}

/// Which types this run is made of.
///
/// Types are chosen while the program runs; what uses them is generic, and never asks again.
struct MyParts: Sendable {
  let choice: Choice

  /// Chapter 1's race.
  var race: any AppendRace.Type {
    choice.isMine("1.3") ? GlobalLogExercises.TailRace.self : CorfuGlobalLog.TailRace.self
  }

  /// Chapter 1's records as bytes.
  var codec: any RecordCoding.Type {
    choice.isMine("1.1") ? GlobalLogExercises.RecordCodec.self : CorfuGlobalLog.RecordCodec.self
  }

  /// What chapter 1 makes of a file that is read again.
  var judge: any TailJudging.Type {
    choice.isMine("1.2") ? GlobalLogExercises.TailJudge.self : CorfuGlobalLog.TailJudge.self
  }

  /// Chapter 2's sequencer: three exercises, one part.
  var tokens: any TokenSource.Type {
    choice.isMine("2.1", "2.2", "2.3")
      ? SequencerExercises.Sequencer.self : CorfuSequencer.Sequencer.self
  }

  private var mapping: any PositionMapping.Type {
    choice.isMine("3.1") ? StripeMirrorExercises.RoundRobin.self : CorfuStripeMirror.RoundRobin.self
  }

  private var writer: any ChainWriting.Type {
    choice.isMine("3.2")
      ? StripeMirrorExercises.ChainWriter.self : CorfuStripeMirror.ChainWriter.self
  }

  private var reader: any ChainReading.Type {
    choice.isMine("3.3")
      ? StripeMirrorExercises.ChainReader.self : CorfuStripeMirror.ChainReader.self
  }

  private var sharing: any ChainSharing.Type {
    choice.isMine("3.5")
      ? StripeMirrorExercises.ChainShares.self : CorfuStripeMirror.ChainShares.self
  }

  private var trims: any TrimSet.Type {
    choice.isMine("4.1")
      ? CopyCompactionExercises.PositionSet.self : CorfuGlobalLog.PositionSet.self
  }

  private var policy: any CompactionPolicy.Type {
    choice.isMine("4.2")
      ? CopyCompactionExercises.CompactionPlan.self : CorfuCopyCompaction.CompactionPlan.self
  }

  private var mover: any SegmentMoving.Type {
    choice.isMine("4.3")
      ? CopyCompactionExercises.SegmentMove.self : CorfuCopyCompaction.SegmentMove.self
  }

  private var gate: any EpochAdmission.Type {
    choice.isMine("5.1") ? WriteOnceExercises.EpochGate.self : CorfuWriteOnce.EpochGate.self
  }

  private var filler: any ChainFilling.Type {
    choice.isMine("5.2") ? WriteOnceExercises.ChainFiller.self : CorfuWriteOnce.ChainFiller.self
  }

  private var resolver: any AppendResolving.Type {
    choice.isMine("5.3")
      ? WriteOnceExercises.AppendResolver.self : CorfuWriteOnce.AppendResolver.self
  }

  private var voter: any Accepting<Layout>.Type {
    choice.isMine("6.1")
      ? PaxosConfiguratorExercises.Acceptor<Layout>.self
      : CorfuPaxosConfigurator.Acceptor<Layout>.self
  }

  private var planner: any ChainPlanning.Type {
    choice.isMine("6.3")
      ? PaxosConfiguratorExercises.ChainPlanner.self : CorfuPaxosConfigurator.ChainPlanner.self
  }

  private var rebuilds: any RebuildPlanning.Type {
    choice.isMine("6.4")
      ? PaxosConfiguratorExercises.RebuildPlan.self : CorfuPaxosConfigurator.RebuildPlan.self
  }

  private var window: any ConflictJudging.Type {
    choice.isMine("7.3")
      ? TransactionsExercises.ConflictWindow.self : CorfuSequencer.ConflictWindow.self
  }

  /// All of them from chapter 2 on.
  var all: any (Parts & CopyParts).Type {
    mix(
      tokens,
      mapping,
      writer,
      reader,
      sharing,
      trims,
      policy,
      mover,
      gate,
      filler,
      resolver,
      voter,
      planner,
      rebuilds,
      window
    )
  }

  /// The exercises whose parts a stage runs with, each part's together.
  static func used(at stage: Int) -> [[String]] {
    let tokens = ["2.1", "2.2", "2.3"]
    let chains = [tokens, ["3.1"], ["3.2"], ["3.3"]]
    // A cluster's clients share out a batch in a way of their own, and it gathers no trims: 3.5 is
    // for stages 3 and 4, and 4.1 for disks that join at stage 4.
    let cluster = chains + [["4.2"], ["4.3"], ["5.1"], ["5.2"], ["5.3"]]
    switch stage {
    case 1: return [["1.1"], ["1.2"], ["1.3"]]
    case 2: return [tokens]
    case 3: return chains + [["3.5"]]
    case 4: return chains + [["3.5"], ["4.1"], ["4.2"], ["4.3"]]
    case 5: return cluster
    // An attempt's round, 6.2, is checked by itself.
    case 6: return cluster + [["6.1"], ["6.3"], ["6.4"]]
    // So are those of chapter 7 that run in the clients.
    default: return cluster + [["6.1"], ["6.3"], ["6.4"], ["7.3"]]
    }
  }
}

/// Makes one type of many.
private func mix<
  Tokens: TokenSource,
  Mapping: PositionMapping,
  Writer: ChainWriting,
  Reader: ChainReading,
  Sharing: ChainSharing,
  Trims: TrimSet,
  Policy: CompactionPolicy,
  Mover: SegmentMoving,
  Gate: EpochAdmission,
  Filler: ChainFilling,
  Resolver: AppendResolving,
  Voter: Accepting,
  Planner: ChainPlanning,
  Rebuilds: RebuildPlanning,
  Window: ConflictJudging
>(
  _: Tokens.Type,
  _: Mapping.Type,
  _: Writer.Type,
  _: Reader.Type,
  _: Sharing.Type,
  _: Trims.Type,
  _: Policy.Type,
  _: Mover.Type,
  _: Gate.Type,
  _: Filler.Type,
  _: Resolver.Type,
  _: Voter.Type,
  _: Planner.Type,
  _: Rebuilds.Type,
  _: Window.Type
) -> any (Parts & CopyParts).Type where Voter.Value == Layout {
  Mixed<
    Tokens, Mapping, Writer, Reader, Sharing, Trims, Policy, Mover, Gate, Filler, Resolver, Voter,
    Planner, Rebuilds, Window
  >.self
}
