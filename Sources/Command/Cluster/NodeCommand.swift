import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation
import Logging
import Metrics
import ServiceLifecycle
import UnixSignals

/// `corfu node`: one node of a cluster, until it is told to end.
struct NodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node",
    abstract: "Run one node of a cluster.",
    discussion: """
      Settings come from flags, from variables CORFU_… and from a JSON file, the first that has \
      one counts; docs/operations.md lists them, and 'corfu config check' finds mistakes. SIGTERM \
      ends the node once what it was asked is done.
      """
  )

  @OptionGroup var settings: SettingsOptions

  @Flag(
    name: .customLong(String(ProcessLeash.flag.dropFirst(2))),
    help: ArgumentHelp("End with the standard input, as on SIGTERM.", visibility: .hidden)
  )
  var endWithInput = false

  func run() async throws {
    var settings = try await settings.read()
    MetricsSystem.bootstrap(PrometheusFactory())
    var logger = Logger(label: "corfu") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = settings.logLevel
    logger[metadataKey: "node"] = "\(settings.node)"
    if let files = OpenFiles.allow(settings.openFilesNeeded),
      let shortage = settings.fit(into: files)
    {
      logger.warning("\(shortage)")
    }
    let process: NodeProcess<ReferenceParts>
    do throws(NodeProcessError) {
      process = try await NodeProcess.open(settings, logger: logger)
    } catch {
      throw ReplError.refused("\(error)")
    }
    if settings.credentials == nil, !settings.listen.isLoopback {
      logger.warning("INSECURE: anybody who reaches this node may read and write everything")
    }
    let listening = process.address.map { "\($0)" } ?? "nowhere"
    logger.notice("listening", metadata: ["address": "\(listening)"])
    typealias Configuration = ServiceGroupConfiguration.ServiceConfiguration
    var services = [Configuration(service: process)]
    if endWithInput {
      services.append(
        Configuration(service: InputEnd(), successTerminationBehavior: .gracefullyShutdownGroup)
      )
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services,
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "corfu") { _ in SwiftLogNoOpLogHandler() }
      )
    )
    do {
      try await group.run()
    } catch let error as NodeProcessError {
      throw ReplError.refused("\(error)")
    }
  }
}

/// `corfu config`: what is set, and whether it makes sense.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Look at a node's settings.",
    subcommands: [Check.self]
  )

  /// `corfu config check`.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Find the mistakes in a node's settings, a line each.",
      discussion: """
        The exit status is 0 if there is none, and 1 otherwise. That fewer files may be open than \
        a node needs is told, and no mistake of the settings: it depends on who starts it.
        """
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
      let mistakes = try await settings.check()
      if !mistakes.isEmpty {
        let errors = Output.standardError()
        for mistake in mistakes { try errors.line("corfu: \(mistake)") }
        try errors.flush()
        throw ExitCode(1)
      }
      var settings = try await settings.read()
      let output = Output.standardOutput()
      try output.line(
        "\(settings.node) of '\(settings.cluster)' would listen on \(settings.listen), with its "
          + "files in \(settings.folder)"
      )
      let files = OpenFiles.current?.raised(to: settings.openFilesNeeded)
      if let shortage = files.flatMap({ settings.fit(into: $0) }) {
        try output.line("started from here: \(shortage)")
      }
      try output.flush()
    }
  }
}
