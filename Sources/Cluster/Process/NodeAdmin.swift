internal import CorfuProtocol
internal import Foundation

/// What a node's process tells over HTTP.
struct NodeAdmin<Kit: Parts>: AdminSource {
  private let process: NodeProcess<Kit>
  /// When the process began, in seconds since 1970.
  private let started = Date().timeIntervalSince1970.rounded()

  init(of process: NodeProcess<Kit>) {
    self.process = process
  }

  func ailment() async -> String? { await process.report().ailment }

  func unreadiness() async -> String? { await process.report().unreadiness }

  func remark() async -> String? { await process.report().remark }

  func metrics() async -> String {
    let report = await process.report(isMeasured: true)
    let noted = PrometheusFactory.current?.families ?? []
    return PrometheusText.of(report.families(started: started) + noted)
  }
}
