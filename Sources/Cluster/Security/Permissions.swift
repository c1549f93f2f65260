internal import CorfuGlobalLog
internal import CorfuProtocol

/// Who may ask what: the one table of it.
///
/// | Request | client | node | operator |
/// |---|---|---|---|
/// | append, read, fill, trim and repair entries; tokens; tails | yes | yes | yes |
/// | look: layouts, memberships, status, votes, counts | yes | yes | yes |
/// | hand over a layout (`install`) | checked first | yes | yes |
/// | seal, appoint, vote, copy, let in or empty a disk | no | yes | yes |
/// | change the membership | no | yes | yes |
enum Permissions {
  /// Whether a role may ask something.
  static func allows(_ request: Request, to role: PeerRole) -> Bool {
    switch request {
    // Epoch zero is over from the beginning: who closes it learns where the unit's trims end.
    case .sealUnit(let seal) where seal.epoch == .zero: true
    case .write, .repair, .read, .trim, .trimPrefix, .trims, .space, .reserve, .reserveEach, .tail,
      .streamTails,
      .poll, .acceptorStatus, .newestLayout, .layouts, .status, .meters, .membership(nil), .install:
      true
    case .sealUnit, .unitStreams, .trimRanges, .reset, .sealSequencer, .reign, .reignStreams,
      .prepare, .accept, .vouch, .admit, .membership:
      role != .client
    }
  }
}
