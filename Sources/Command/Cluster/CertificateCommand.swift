import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl

/// `corfu cluster certificate`.
struct CertificateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate",
    abstract: "Make a certificate, and the cluster's own authority first if there is none.",
    discussion: """
      For trying things out, and for small clusters: the folder holds the authority's key, so keep \
      it to yourself, and give each machine only what is its own. Needs the program openssl.
      """,
    aliases: ["certs"]
  )

  /// Whom a certificate is for.
  enum Role: String, ExpressibleByArgument, CaseIterable {
    case node, client, `operator`

    var peer: PeerRole {
      switch self {
      case .node: .node
      case .client: .client
      case .operator: .operator
      }
    }
  }

  @Argument(help: "node, client or operator.")
  var role: Role

  @Argument(help: "A node's number, or a name of a…z, 0…9 and -.")
  var name: String

  @Option(help: "The cluster's name.")
  var cluster: String

  @Option(help: "The folder of the authority, and of what it signs.")
  var folder = "./certificates"

  @Option(
    help: "A name or number of a node's machine, as others call it. May be given several times."
  )
  var host: [String] = []

  @Option(help: "How many days it is good.")
  var days = 365

  func validate() throws {
    if ClusterName(cluster) == nil {
      throw ValidationError("'\(cluster)' is no name of a cluster: 1 to 64 of a…z, 0…9, - and .")
    }
    if !(1...3650).contains(days) { throw ValidationError("--days takes 1 to 3650") }
  }

  func run() async throws {
    guard let cluster = ClusterName(cluster) else { return }
    let authority = CertificateAuthority(in: folder, for: cluster)
    let files: Credentials.Files
    do {
      files = try authority.issue(to: name, role.peer, hosts: host, days: days)
    } catch {
      throw ReplError.refused("\(error)")
    }
    let output = Output.standardOutput()
    try output.line("certificate  \(files.certificate)")
    try output.line("key          \(files.key)")
    try output.line("authority    \(files.authority)")
    try output.flush()
  }
}
