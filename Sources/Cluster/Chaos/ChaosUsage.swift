internal import CorfuStripeMirror
internal import Foundation

/// What the processes of a cluster hold at a moment; known on Linux only.
public struct ChaosUsage: Hashable, Sendable {
  /// The largest resident memory of one of them, in bytes.
  public var bytes = 0
  /// The most files and connections that one of them has open.
  public var descriptors = 0

  /// Whether this is so much more than it was that something is never given back.
  ///
  /// How many connections there are at a moment differs, and a log that grows has a larger index:
  /// twice as much and a little is no sign of that.
  func hasGrown(since first: ChaosUsage) -> Bool {
    bytes > 2 * first.bytes + 64 << 20 || descriptors > 2 * first.descriptors + 32
  }

  /// Looks at the nodes' processes; `nil` where the system does not tell.
  static func of(_ nodes: [NodeID], in cluster: LocalCluster) -> ChaosUsage? {
    var usage = ChaosUsage()
    for node in nodes {
      // One that is not there, or no longer, holds nothing.
      guard let process = cluster.process(of: node),
        // Elsewhere than on Linux there are no such files.
        let words = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8),
        // Nor this one.
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
      else { continue }
      let pages = words.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      usage.bytes = max(usage.bytes, pages * Int(getpagesize()))
      usage.descriptors = max(usage.descriptors, open.count)
    }
    return usage.bytes == 0 ? nil : usage
  }
}
