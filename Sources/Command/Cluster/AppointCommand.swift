import ArgumentParser
import CorfuCluster
import CorfuRepl
import CorfuStripeMirror

/// `corfu cluster appoint`.
struct AppointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "appoint",
    abstract: "Appoint new acceptors without a vote, when most of the old ones are lost for good.",
    discussion: """
      The last resort of a cluster whose layout cannot be changed any more. Nobody else may be \
      at it: two operators who do it at once can make two clusters of one. Say 'corfu cluster \
      monitors off' first, if monitors are up.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Flag(help: "You know that most acceptors are lost, and that nobody else is at it.")
  var sure = false

  func run() async throws {
    if !sure {
      throw ReplError.refused(
        "if the acceptors are only silent, wait for them: say so with --sure if they are lost"
      )
    }
    let layout = try await options.operating { (hand) throws(OperatorError) in
      try await hand.appointAcceptors()
    }
    let names = layout.acceptors.map(\.node.description).joined(separator: ", ")
    let output = Output.standardOutput()
    try output.line("epoch \(layout.epoch) is in force; the acceptors are \(names)")
    try output.flush()
  }
}
