public import CorfuSequencer
public import CorfuStripeMirror

// How a sequencer is told that its reign begins. Where a million streams end does not fit into one
// message: then parts of it go ahead.

/// The layout that makes its receiver the sequencer.
public struct ReignRequest: Hashable, Sendable {
  /// It names the receiver, its boot, and where it begins.
  public var layout: Layout
  /// Where the last entries of streams stand; those of the parts that went ahead are not named.
  public var streams: StreamCensus
  /// What went ahead; `nil` if this is all.
  public var ahead: StreamParts?

  /// A request.
  public init(layout: Layout, streams: StreamCensus, ahead: StreamParts? = nil) {
    self.layout = layout
    self.streams = streams
    self.ahead = ahead
  }
}

/// Parts of a census that are told one by one.
public struct StreamParts: Hashable, Sendable {
  /// A number that the whole census gives: parts of two do not mix.
  public var whole: UInt64
  /// How many parts have gone ahead.
  public var count: Int

  /// Parts.
  public init(whole: UInt64, count: Int) {
    self.whole = whole
    self.count = count
  }
}

/// A part of where the streams end, for a reign that is about to begin.
///
/// Nothing depends on its being heard: a sequencer that has not all parts knows of no stream where
/// it ends, and says so.
public struct ReignStreamsRequest: Hashable, Sendable {
  /// The layout under which the reign begins.
  public var layout: LayoutID
  /// Whom it is for.
  public var boot: BootID
  /// Which census, and how many parts came before this one.
  public var ahead: StreamParts
  /// This part, behind all that came before.
  public var streams: StreamCensus

  /// A request.
  public init(layout: LayoutID, boot: BootID, ahead: StreamParts, streams: StreamCensus) {
    self.layout = layout
    self.boot = boot
    self.ahead = ahead
    self.streams = streams
  }
}
