import ArgumentParser
import CorfuCluster
import CorfuRepl
import Foundation

/// How a node is set up: a file, variables, and what the command line says instead of them.
struct SettingsOptions: ParsableArguments {
  @Option(help: "The JSON file with the settings.")
  var config: String?

  @Option(help: "The cluster's name.")
  var cluster: String?

  @Option(help: "The node's number.")
  var node: String?

  @Option(help: "The folder for the node's files.")
  var folder: String?

  @Option(help: "Where it listens: HOST:PORT.")
  var listen: String?

  @Option(help: "Where others find it, if that is elsewhere: HOST:PORT.")
  var advertise: String?

  @Option(help: "Where it tells how it is, over HTTP: HOST:PORT.")
  var admin: String?

  @Option(help: "Any other setting: KEY=VALUE. May be given several times.")
  var set: [String] = []

  /// What the command line says.
  private func flags() throws -> [String: String] {
    var flags: [String: String] = [:]
    for (key, value) in [
      ("cluster", cluster), ("node", node), ("folder", folder), ("listen", listen),
      ("advertise", advertise), ("admin", admin),
    ] {
      if let value { flags[key] = value }
    }
    for pair in set {
      guard let split = pair.firstIndex(of: "="), split > pair.startIndex else {
        throw ValidationError("--set takes KEY=VALUE, and '\(pair)' is none")
      }
      flags[String(pair[..<split])] = String(pair[pair.index(after: split)...])
    }
    return flags
  }

  /// Looks for mistakes: a line for each.
  func check() async throws -> [String] {
    await SettingsReader.check(
      file: config,
      environment: ProcessInfo.processInfo.environment,
      flags: try flags()
    )
  }

  /// Reads the settings from everywhere.
  func read() async throws -> NodeSettings {
    let flags = try flags()
    do {
      return try await SettingsReader.read(
        file: config,
        environment: ProcessInfo.processInfo.environment,
        flags: flags
      )
    } catch {
      throw ReplError.refused("\(error)")
    }
  }
}
