public import CorfuGlobalLog
public import CorfuStripeMirror

/// What became of an entry whose write had no clear answer.
public enum AppendFate: Hashable, Sendable {
  /// It stands at its position, on every replica.
  case stands
  /// It stands nowhere, and never will: write it again at a new position.
  case gone
  /// Nobody can say, so nobody may write it again.
  case unknown
}

/// What a resolver may ask of its client.
public protocol HoleFilling: Sendable {
  /// Fills a position in the newest layout known, and goes on in a newer one where that is closed.
  ///
  /// - Parameters:
  ///   - position: Which.
  ///   - isFutile: Asked about each layout before a fill is sent in it; `true` ends the matter.
  /// - Returns: What stands there, on every replica; `nil` if it was futile.
  /// - Throws: ``LogError``, once the client's patience is used up.
  func fill(
    _ position: Position,
    unless isFutile: @escaping @Sendable (Layout) -> Bool
  ) async throws(LogError) -> Slot?
}

/// Finding out what became of an append: the part that exercise 5.3 builds.
public protocol AppendResolving: Sendable {
  /// A resolver.
  init()

  /// Finds out what became of an entry that was sent, and not acknowledged.
  ///
  /// - Parameters:
  ///   - value: The entry, and where it was to stand.
  ///   - epoch: The epoch of its token.
  ///   - stoodOnHead: Whether the head had taken it, before a later replica said that the position
  ///     was trimmed.
  ///   - client: Fills holes.
  /// - Returns: What became of it.
  func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate
}

/// Fills the position, and looks whose entry stands there.
///
/// A fill is a question that changes its own answer to a definite one: if the entry got as far as
/// the head, it is completed, and if not, it never will be there. Until then it is written nowhere
/// else: it would stand in the log twice. (Rule R16.)
public struct AppendResolver: AppendResolving {
  /// A resolver.
  public init() {}

  // exercise 5.3: fill the position in the newest epoch, and look whose entry stands there
  public func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate {
    let position = value.position
    do throws(LogError) {
      // No unit that goes on had it when its epoch was closed: it can never come to stand there,
      // and another may be given the position.
      let slot = try await client.fill(position) { layout in
        layout.epoch > epoch && position >= layout.firstTail
      }
      switch slot {
      case value.value: return .stands
      case .trimmed: return stoodOnHead ? .stands : .unknown
      case nil, .data, .junk, .empty: return .gone
      }
    } catch {
      return .unknown
    }
  }
  // end 5.3
}
