internal import CorfuStripeMirror
internal import Synchronization

/// A layout with its name, which is dear to compute.
struct KnownLayout: Equatable, Sendable {
  let layout: Layout
  let id: LayoutID

  init(_ layout: Layout) {
    self.layout = layout
    id = layout.id
  }
}

/// The newest layout that a client has heard of.
///
/// A layout is whole: whoever has a newer one needs none of those between (R30).
final class LayoutCache: Sendable {
  private let newest: Mutex<KnownLayout>

  init(_ layout: Layout) {
    newest = Mutex(KnownLayout(layout))
  }

  var current: KnownLayout { newest.withLock { $0 } }

  /// Takes in a layout, if it is newer.
  ///
  /// - Returns: Whether it was.
  @discardableResult
  func adopt(_ layout: Layout) -> Bool {
    if layout.epoch <= current.layout.epoch { return false }
    let known = KnownLayout(layout)
    return newest.withLock { newest in
      guard known.layout.epoch > newest.layout.epoch else { return false }
      newest = known
      return true
    }
  }
}
