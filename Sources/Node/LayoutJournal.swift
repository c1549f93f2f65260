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

  private let countMax: Int
  private let bytesMax: Int

  /// An empty journal.
  ///
  /// - Parameters:
  ///   - countMax: How many layouts it holds; more than by default nobody reads.
  ///   - bytesMax: How many bytes they take when they are told; a layout has some hundred of them,
  ///     and a span more after each change.
  init(countMax: Int = 256, bytesMax: Int = 4 << 20) {
    self.countMax = countMax
    self.bytesMax = bytesMax
  }

  /// The newest layouts that together take no more than so many bytes, the oldest of them first.
  ///
  /// The newest is among them, however large it is.
  func newest(bytesMax: Int) -> [Layout] {
    var bytes = 0
    var count = 0
    for size in sizes.reversed() {
      bytes += size
      if bytes > bytesMax, count > 0 { break }
      count += 1
    }
    return Array(layouts.suffix(count))
  }

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
    while layouts.count > countMax || bytes > bytesMax, layouts.count > 1 {
      bytes -= sizes.removeFirst()
      layouts.removeFirst()
    }
  }
}
