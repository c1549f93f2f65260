import ArgumentParser
import CorfuCluster
import CorfuProtocol

/// How to get to a cluster of processes.
struct ConnectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Nodes of a running cluster, with commas between them; one that answers is enough.",
      valueName: "host:port,…"
    )
  )
  var connect: String?

  @Option(help: "This program's certificate, PEM (for clusters with certificates).")
  var certificate: String?

  @Option(help: "The certificate's key, PEM.")
  var key: String?

  @Option(help: "The certificate of the cluster's authority, PEM.")
  var authority: String?

  /// Where the nodes are; `nil` if no cluster is meant.
  func addresses() throws(ValidationError) -> [NodeAddress]? {
    guard let connect else { return nil }
    do throws(NotAnAddress) {
      return try NodeAddress.list(connect)
    } catch {
      throw ValidationError("--connect takes HOST:PORT,HOST:PORT,…, and '\(error.text)' is none")
    }
  }

  /// The certificate's files; `nil` for none.
  var files: Credentials.Files? {
    guard let certificate, let key, let authority else { return nil }
    return Credentials.Files(certificate: certificate, key: key, authority: authority)
  }

  /// How strangers are kept out.
  func security() throws(CredentialsError) -> Security {
    guard let files else { return .open }
    return .mutual(try Credentials(reading: files))
  }

  func validate() throws {
    _ = try addresses()
    let given = [certificate, key, authority].compactMap(\.self).count
    if given != 0, given != 3 {
      throw ValidationError("--certificate, --key and --authority belong together: give all three")
    }
    if given == 3, connect == nil {
      throw ValidationError("--certificate is for --connect: name the nodes as well")
    }
  }
}
