import ArgumentParser
import CorfuRepl

/// `corfu cluster status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how a cluster and its nodes are."
  )

  @OptionGroup var options: OperatorOptions

  @Flag(help: "Show it again every second, until Ctrl-C.")
  var watch = false

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let command = Command.cluster(.healing(.status))
    let (addresses, security) = (try options.addresses(), try options.security())
    try await Shell.run(
      watch ? .watch(every: .seconds(1), times: nil, command) : command,
      mode: json ? .json : .table
    ) { () throws(ReplError) in try await openConnected(to: addresses, security: security) }
  }
}

/// `corfu cluster layout`.
struct LayoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Show which units hold which positions."
  )

  @OptionGroup var options: OperatorOptions

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let (addresses, security) = (try options.addresses(), try options.security())
    try await Shell.run(.cluster(.layout), mode: json ? .json : .table) { () throws(ReplError) in
      try await openConnected(to: addresses, security: security)
    }
  }
}
