internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Foundation

public struct SettingsError: Error, Sendable, CustomStringConvertible {
  public let mistakes: [String]
  public var description: String { mistakes.joined(separator: "\n") }
}

public enum SettingsReader {
  public static func read(
    file: String?,
    environment: [String: String],
    flags: [String: String]
  ) async throws(SettingsError) -> NodeSettings {
    let data = file.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
    let json = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    func text(_ key: String) -> String? { flags[key] ?? json[key].map { "\($0)" } }
    guard let cluster = text("cluster").flatMap({ ClusterName($0) }),
      let node = text("node").flatMap({ UInt32($0) }), let folder = text("folder"),
      let listen = text("listen").flatMap({ NodeAddress($0) })
    else { throw SettingsError(mistakes: ["cluster, node, folder, listen"]) }
    var settings = NodeSettings(
      cluster: cluster,
      node: NodeID(node),
      folder: folder,
      listen: listen
    )
    settings.admin = text("admin").flatMap { NodeAddress($0) }
    return settings
  }
}
