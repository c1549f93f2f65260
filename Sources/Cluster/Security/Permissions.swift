internal import CorfuProtocol

/// Who may ask what: the one table of it.
///
/// | Request | client | node | operator |
/// |---|---|---|---|
/// | append, read, fill and trim entries; tokens; tails | yes | yes | yes |
/// | look: layouts, memberships, status, votes | yes | yes | yes |
/// | hand over a layout (`install`) | checked first | yes | yes |
/// | seal, appoint, vote, repair, copy, empty a disk | no | yes | yes |
/// | change the membership | no | yes | yes |
enum Permissions {
  /// Whether a role may ask something.
  static func allows(_ request: Request, to role: PeerRole) -> Bool {
    switch request {
    case .write, .read, .trim, .trimPrefix, .space, .reserve, .reserveEach, .tail, .streamTails,
      .poll, .acceptorStatus, .newestLayout, .status, .membership(nil), .install:
      true
    case .repair, .sealUnit, .unitStreams, .trims, .trimRanges, .reset, .sealSequencer, .reign,
      .prepare, .accept, .membership:
      role != .client
    }
  }
}
