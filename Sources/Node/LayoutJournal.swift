internal import CorfuGlobalLog
internal import CorfuStripeMirror

/// The layouts that a node has heard of, for people who ask what happened.
///
/// Nothing that keeps entries safe depends on it, so it may forget: the oldest go first.
struct LayoutJournal: Sendable {
  /// The layouts by their epochs, one of each.
  private(set) var layouts: [Layout] = []
  /// How many bytes each takes when it is told.
  private var sizes: [Int] = []

  /// As many layouts as anybody reads.
  static let countMax = 256
  /// More than this is not told at once; a layout has some hundred bytes, and a span more after
  /// each change.
  static let bytesMax = 4 << 20

  /// Notes a layout, and forgets what is too much.
  ///
  /// Of two of one epoch that which was decided by hand counts.
  mutating func add(_ layout: Layout) {
    let index = layouts.firstIndex { $0.epoch >= layout.epoch } ?? layouts.endIndex
    if layouts.indices.contains(index), layouts[index].epoch == layout.epoch {
      guard layout.generation > layouts[index].generation else { return }
      layouts.remove(at: index)
      sizes.remove(at: index)
    }
    layouts.insert(layout, at: index)
    sizes.insert(layout.encoded().count, at: index)
    var bytes = sizes.reduce(0, +)
    // The newest stays, however large it is.
    while layouts.count > Self.countMax || bytes > Self.bytesMax, layouts.count > 1 {
      bytes -= sizes.removeFirst()
      layouts.removeFirst()
    }
  }
}
