public import CorfuGlobalLog

/// Why a sequencer does not do what it was asked to.
///
/// No refusal has an effect.
public enum SequencerRefusal: Error, Hashable, Sendable {
  /// No layout has told this process that it is the sequencer (R9).
  case notInstalled
  /// Epochs up to this one are over; an `install` that is too late hears of the highest.
  case sealed(Epoch)
  /// The sequencer serves this epoch, and was asked in a later one.
  case behind(Epoch)
  /// The layout names another process, or another life of this one; this is who was asked.
  case otherBoot(BootID)
  /// A token is for one position at least, and ``Token/countMax`` at most.
  case countOutOfRange(Int)
  /// A token is for ``Token/streamsMax`` streams at most.
  case tooManyStreams(Int)
  /// The positions are used up: `Position.max` is never handed out.
  case positionsUsedUp
}

extension SequencerRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notInstalled:
      "no layout has named it yet: the next one may"
    case .sealed(let epoch):
      "epoch \(epoch) is sealed: get the newest layout and ask in its epoch"
    case .behind(let epoch):
      "it is still in epoch \(epoch), and has to be told of the newer layout first"
    case .otherBoot(let boot):
      "the layout names another sequencer, and this is \(boot): get a layout that names this one"
    case .countOutOfRange(let count):
      "\(count) positions were asked for: ask for 1 to \(Token.countMax) at a time"
    case .tooManyStreams(let count):
      "\(count) streams were named: name \(Token.streamsMax) at most"
    case .positionsUsedUp:
      "all positions are used up: begin another log"
    }
  }
}
