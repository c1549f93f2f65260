// Goal: without the right certificate nobody gets in, and with it only where it belongs. Method:
// certificates of two authorities, made with openssl as users make them.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@Suite(.timeLimit(.minutes(2))) struct CertificateTests {
  private let folder: TestFolder
  private let authority: CertificateAuthority

  init() throws {
    folder = try TestFolder()
    let name = try #require(ClusterName("orders"))
    authority = CertificateAuthority(in: folder.path + "/ca", for: name)
  }

  private func credentials(
    _ name: String,
    _ role: PeerRole,
    of other: CertificateAuthority? = nil
  ) throws -> Security {
    let hosts = role == .node ? ["127.0.0.1"] : []
    let files = try (other ?? authority).issue(to: name, role, hosts: hosts, days: 1)
    return .mutual(try Credentials(reading: files))
  }

  private func trouble(_ echo: EchoServer, _ role: PeerRole, _ security: Security) async throws
    -> String?
  {
    var limits = NetworkLimits()
    limits.greetingPatience = .seconds(2)
    let transport = try echo.transport(role, security: security, limits: limits)
    // What is in the way is looked at.
    let reply = try? await transport.call(.status, to: EchoServer.node, patience: .seconds(5))
    let trouble = reply == nil ? transport.trouble(with: EchoServer.node) ?? "?" : nil
    await transport.close()
    return trouble
  }

  @Test func rolesComeFromCertificates() async throws {
    let echo = try await EchoServer(security: try credentials("7", .node))
    #expect(try await trouble(echo, .client, credentials("shop", .client)) == nil)
    #expect(try await trouble(echo, .operator, credentials("ann", .operator)) == nil)
    // An operator may look at the log as clients do.
    #expect(try await trouble(echo, .client, credentials("ann", .operator)) == nil)
    let asOperator = try await trouble(echo, .operator, credentials("shop", .client))
    #expect(asOperator == "the certificate is none of an operator of this cluster")
    let asNode = try await trouble(echo, .node, credentials("shop", .client))
    #expect(asNode == "the certificate is none of this node of the cluster")
    await echo.server.close()
    folder.remove()
  }

  @Test func strangersStayOutside() async throws {
    let echo = try await EchoServer(security: try credentials("7", .node))
    let orders = try #require(ClusterName("orders"))
    let payments = try #require(ClusterName("payments"))
    let forged = CertificateAuthority(in: folder.path + "/forged", for: orders)
    #expect(try await trouble(echo, .client, credentials("shop", .client, of: forged)) != nil)
    #expect(try await trouble(echo, .client, .open) != nil)
    // Of the same authority, for another cluster.
    try FileManager.default.removeItem(atPath: folder.path + "/ca/cluster")
    let other = CertificateAuthority(in: folder.path + "/ca", for: payments)
    let stray = try await trouble(echo, .client, credentials("stray", .client, of: other))
    #expect(stray == "the certificate is none of a client of this cluster")
    await echo.server.close()
    folder.remove()
  }

  @Test func aPeerThatDiesIsNotTakenForAStranger() async throws {
    let heard = Heard()
    let echo = try await EchoServer(
      security: try credentials("7", .node),
      onEvent: { heard.add($0) }
    )
    let files = try authority.issue(to: "shop", .client, hosts: [], days: 1)
    let shop = try Credentials(reading: files)
    let address = try #require(echo.address)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: shop.clientContext, serverHostname: nil)
          )
        }
      }
      .connect(host: address.host, port: Int(address.port)).get()
    var hello: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &hello)
    try await channel.writeAndFlush(channel.allocator.buffer(bytes: hello)).get()
    while echo.server.connectionCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
    // From behind its encryption, which says no word of farewell, as if its machine had failed.
    try await channel.eventLoop.submit {
      let encryption = try channel.pipeline.syncOperations.context(
        handlerType: NIOSSLClientHandler.self
      )
      encryption.close(promise: nil)
    }.get()
    while echo.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
    await echo.server.close()
    #expect(heard.all == [])
    folder.remove()
  }

  @Test func aServerShowsThatItIsTheNode() async throws {
    // A client's certificate does not make a server, nor does that of another node.
    for (name, role) in [("shop", PeerRole.client), ("8", .node)] {
      let echo = try await EchoServer(security: try credentials(name, role))
      #expect(try await trouble(echo, .client, credentials("shop", .client)) != nil)
      await echo.server.close()
    }
    folder.remove()
  }

  @Test func credentialsAreReadAgain() async throws {
    let files = try authority.issue(to: "7", .node, hosts: ["127.0.0.1"], days: 1)
    let credentials = try Credentials(reading: files)
    #expect(try !credentials.reload())
    let day = 86_400.0
    let now = Date().timeIntervalSince1970
    #expect(abs(credentials.expiry - now - day) < day / 2)
    _ = try authority.issue(to: "7", .node, hosts: ["127.0.0.1", "localhost"], days: 3)
    #expect(try credentials.reload())
    #expect(abs(credentials.expiry - now - 3 * day) < day / 2)
    try "nonsense".write(toFile: files.certificate, atomically: true, encoding: .utf8)
    #expect(throws: CredentialsError.self) { try credentials.reload() }
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.key)
    let error = #expect(throws: CredentialsError.self) { try Credentials(reading: files) }
    #expect("\(try #require(error))".contains("others may read this key"))
    folder.remove()
  }

  @Test func anAuthorityIsOfOneCluster() throws {
    _ = try authority.issue(to: "shop", .client, hosts: [], days: 1)
    let payments = try #require(ClusterName("payments"))
    let other = CertificateAuthority(in: folder.path + "/ca", for: payments)
    #expect(throws: AuthorityError.otherCluster(folder.path + "/ca", "orders")) {
      try other.issue(to: "shop", .client, hosts: [], days: 1)
    }
    folder.remove()
  }

  @Test(arguments: ["Ann", "", "a b", "../x", "7/8"])
  func namesThatCannotBe(name: String) throws {
    #expect(throws: AuthorityError.self) {
      try authority.issue(to: name, .client, hosts: [], days: 1)
    }
    folder.remove()
  }
}
