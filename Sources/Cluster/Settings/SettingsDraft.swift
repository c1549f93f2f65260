internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuClient
internal import Logging

/// Settings as they are gathered: what must be given may still be missing.
struct SettingsDraft: Sendable {
  var cluster: ClusterName?
  var node: NodeID?
  var folder: String?
  var listen: NodeAddress?
  var roles = Set(NodeRole.allCases)
  var advertised: NodeAddress?
  var admin: NodeAddress?
  var isInsecure = false
  var isAdminOpen = false
  var certificate: String?
  var key: String?
  var authority: String?
  var store = StoreLimits()
  var sequencer = SequencerLimits()
  var monitoring = MonitorLimits()
  var network = NetworkLimits()
  var drainMax = Duration.seconds(10)
  var logLevel = Logger.Level.info

  /// The settings, if all is there that must be.
  var settings: NodeSettings? {
    guard let cluster, let node, let folder, let listen else { return nil }
    var settings = NodeSettings(cluster: cluster, node: node, folder: folder, listen: listen)
    settings.roles = roles
    settings.advertised = advertised
    settings.admin = admin
    settings.isInsecure = isInsecure
    settings.isAdminOpen = isAdminOpen
    if let certificate, let key, let authority {
      settings.credentials = Credentials.Files(
        certificate: certificate,
        key: key,
        authority: authority
      )
    }
    settings.store = store
    settings.sequencer = sequencer
    settings.monitoring = monitoring
    settings.network = network
    settings.drainMax = drainMax
    settings.logLevel = logLevel
    return settings
  }

  /// What cannot be, where ``NodeSettings/objections`` do not see it.
  var objections: [String] {
    let files = [("certificate", certificate), ("key", key), ("authority", authority)]
    let missing = files.filter { $0.1 == nil }.map { "tls.\($0.0)" }
    if missing.isEmpty || missing.count == files.count { return [] }
    return ["\(missing.joined(separator: ", ")): certificate, key and authority go together"]
  }
}
