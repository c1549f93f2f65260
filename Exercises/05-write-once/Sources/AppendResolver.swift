// Exercise 5.3: fill the position in the newest epoch, and look whose entry stands there
// Write the body below, then: swift run course check 5.3
import CorfuChecks
public import CorfuGlobalLog
import CorfuStripeMirror
public import CorfuWriteOnce

/// Fills the position, and looks whose entry stands there.
///
/// A fill is a question that changes its own answer to a definite one: if the entry got as far as
/// the head, it is completed, and if not, it never will be there. Until then it is written nowhere
/// else: it would stand in the log twice. (Rule R16.)
public struct AppendResolver: AppendResolving {
  /// A resolver.
  public init() {}

  public func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate {
    TODO("5.3 fill the position in the newest epoch, and look whose entry stands there")
  }
}
