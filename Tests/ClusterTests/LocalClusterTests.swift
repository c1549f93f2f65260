// Goal: two programs at one folder make no node twice, and a node whose process nobody noted is
// found all the same. Method: a script in the place of the program, and what is left when the file
// is gone.
@testable import CorfuCluster
import CorfuProtocol
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1))) struct LocalClusterTests {
  @Test func oneProgramAtATimeMakesNodes() throws {
    let folder = try TestFolder()
    let cluster = LocalCluster(in: folder.path + "/cluster", program: "/nowhere")
    let hold = try cluster.hold()
    let error = #expect(throws: LocalClusterError.self) { try cluster.hold() }
    #expect(
      "\(try #require(error))"
        == "\(cluster.folder): another program starts or ends nodes there, process "
        + "\(ProcessInfo.processInfo.processIdentifier); try again when it is done"
    )
    hold.end()
    try cluster.hold().end()
    // A file is no folder.
    let file = folder.path + "/file"
    try Data().write(to: URL(fileURLWithPath: file))
    let wrong = #expect(throws: LocalClusterError.self) {
      try LocalCluster(in: file, program: "/nowhere").hold()
    }
    #expect("\(try #require(wrong))" == "\(file): not a folder")
    folder.remove()
  }

  /// Makes a program of a line of the shell's.
  private func program(_ line: String, in folder: TestFolder) -> String {
    let program = folder.path + "/program"
    #expect(
      FileManager.default.createFile(
        atPath: program,
        contents: Data("#!/bin/sh\n\(line)\n".utf8),
        attributes: [.posixPermissions: 0o700]
      )
    )
    return program
  }

  /// Processes end with whatever holds their leash, and do not outlive it if that is killed.
  @Test func processesOnALeashEndWithIt() async throws {
    let folder = try TestFolder()
    // Its input ends when the leash does: nobody writes to it.
    let program = program("while read line; do :; done", in: folder)
    var leash = ProcessLeash()
    #expect(leash != nil)
    var cluster: LocalCluster? = LocalCluster(
      in: folder.path + "/cluster",
      program: program,
      leash: leash
    )
    let watching = LocalCluster(in: folder.path + "/cluster", program: program)
    let nodes = [try watching.add().node, try watching.add().node]
    for node in nodes { try cluster?.start(node) }
    // None has the end that would keep the others' open.
    for node in nodes {
      #expect(watching.process(of: node) != nil)
      #expect(await !watching.waitForEnd(of: node, patience: .milliseconds(200)))
    }
    // Also if nobody noted them.
    try FileManager.default.removeItem(atPath: "\(watching.folder)/\(nodes[0])/pid")
    #expect(watching.process(of: nodes[0]) != nil)
    withExtendedLifetime((cluster, leash)) {}
    cluster = nil
    leash = nil
    for node in nodes {
      #expect(await watching.waitForEnd(of: node, patience: .seconds(10)), "\(node)")
    }
    folder.remove()
  }

  @Test func aProcessThatNobodyNotedIsFound() async throws {
    let folder = try TestFolder()
    let program = program("while :; do sleep 0.1; done", in: folder)
    let cluster = LocalCluster(in: folder.path + "/cluster", program: program)
    let node = try cluster.add().node
    #expect(cluster.process(of: node) == nil)
    try cluster.start(node)
    let process = try #require(cluster.process(of: node))
    let file = "\(cluster.folder)/\(node)/pid"
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    try FileManager.default.removeItem(atPath: file)
    #expect(cluster.process(of: node) == process)
    // It is not started once more.
    try cluster.start(node)
    #expect(cluster.process(of: node) == process)
    #expect(cluster.kill(node))
    #expect(await cluster.waitForEnd(of: node, patience: .seconds(10)))
    folder.remove()
  }

  /// Whoever makes nodes with certificates gets in, and so do they; also when the folder has moved.
  @Test func nodesMayHaveCertificates() async throws {
    let folder = try TestFolder()
    let cluster = LocalCluster(in: folder.path + "/cluster", program: "/nowhere", isEncrypted: true)
    let member = try cluster.add()
    guard case .mutual(let own) = try cluster.security(as: .client) else {
      throw TestTimeout(what: "there is no certificate")
    }
    let moved = folder.path + "/moved"
    try FileManager.default.moveItem(atPath: cluster.folder, toPath: moved)
    let settings = try await SettingsReader.read(
      file: "\(moved)/\(member.node)/node.json",
      environment: [:],
      flags: [:]
    )
    #expect(settings.listen == member.address && !settings.isInsecure)
    let first = try Credentials(reading: try #require(settings.credentials))
    #expect(own.files.authority.hasSuffix("/cluster/ca/authority.pem"))
    // A new one takes its place.
    let again = LocalCluster(in: moved, program: "/nowhere", isEncrypted: true)
    let files = try #require(try again.renewCertificate(of: member.node, at: "127.0.0.1"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: files.certificate)).count > 0)
    #expect(try first.reload())
    folder.remove()
  }
}
