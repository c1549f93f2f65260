import CorfuStripeMirror

/// A unit that was taken out of the layout when the log was opened.
struct Loss: Sendable {
  let node: NodeID
  /// Whether its disk is an older image of itself; otherwise it is gone, or another one.
  let isOlder: Bool

  /// For whoever opened the log again.
  var fact: Fact { Fact(isOlder ? "older copy" : "lost disk", .text("\(node)")) }

  /// For whoever opened it just now.
  func notice(stage: Int) -> String {
    let what = isOlder ? "disk is an older copy of itself" : "disk is gone"
    let help = stage < 4 ? "chapter 4 fills it again" : "'node restart \(node)' fills it again"
    return "\(node)'s \(what), so its chain goes on without it: \(help)."
  }
}
