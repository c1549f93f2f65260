// Goal: settings come from where they count, and each mistake has one line that says where it is,
// and what would be right. Method: files, variables and flags of all kinds, and the exact lines.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Foundation
import Logging
import Testing

/// A file of settings, which is gone after the test.
final class SettingsFixture {
  let folder = NSTemporaryDirectory() + "corfu-settings-\(UUID().uuidString)"
  var path: String { folder + "/node.json" }

  init(_ json: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try json.write(toFile: path, atomically: false, encoding: .utf8)
  }

  deinit {
    // What is left of a test does no harm.
    try? FileManager.default.removeItem(atPath: folder)
  }

  func read(
    _ variables: [String: String] = [:],
    _ flags: [String: String] = [:]
  ) async throws -> NodeSettings {
    try await SettingsReader.read(file: path, environment: variables, flags: flags)
  }

  /// The mistakes, with the file's path as `FILE`.
  func mistakes(
    _ variables: [String: String] = [:],
    _ flags: [String: String] = [:]
  ) async -> [String] {
    await SettingsReader.check(file: path, environment: variables, flags: flags)
      .map { $0.replacingOccurrences(of: path, with: "FILE") }
  }
}

private let required = """
  "cluster": "orders", "node": 3, "folder": "data", "listen": "127.0.0.1:7000"
  """

@Suite struct SettingsTests {
  @Test func aShortFileIsEnough() async throws {
    let fixture = try SettingsFixture("{ \(required) }")
    let settings = try await fixture.read()
    #expect(settings.cluster.text == "orders")
    #expect(settings.node == NodeID(3))
    #expect(settings.folder == fixture.folder + "/data")
    #expect(settings.listen == NodeAddress("127.0.0.1:7000"))
    #expect(settings.roles == Set(NodeRole.allCases))
    #expect(settings.admin == nil && settings.credentials == nil && !settings.isInsecure)
    #expect(settings.network == NetworkLimits())
  }

  @Test func flagsCountBeforeVariablesAndVariablesBeforeTheFile() async throws {
    let fixture = try SettingsFixture(
      """
      { \(required), "drain": "1s", "log": { "level": "debug" }, "store": { "batchMax": "1MiB" },
        "// a remark": 5, "advertise": null }
      """
    )
    let variables = [
      "CORFU_DRAIN": "2s", "CORFU_STORE_BATCH_MAX": "2MiB", "CORFU_ROLES": "monitor, sequencer",
      "CORFU_NODE": "n7", "PATH": "/bin", "CORFU_SERVICE_PORT_7000_TCP_PROTO": "tcp",
    ]
    let flags = ["drain": "300ms", "insecure": "yes", "folder": "here"]
    let settings = try await fixture.read(variables, flags)
    #expect(settings.drainMax == .milliseconds(300))
    #expect(settings.store.batchBytesMax == 2 << 20)
    #expect(settings.logLevel == .debug)
    #expect(settings.roles == [.monitor, .sequencer])
    #expect(settings.node == NodeID(7))
    #expect(settings.isInsecure)
    // Paths of the command line are seen from where the program runs.
    #expect(settings.folder == "here")
    #expect(settings.advertised == nil)
  }

  @Test func aSequencerMayRememberAsLittleAsOne() async throws {
    let fixture = try SettingsFixture(
      "{ \(required), \"sequencer\": { \"streamsMax\": 1, \"writesMax\": 1 } }"
    )
    let settings = try await fixture.read()
    #expect(settings.sequencer.streamsMax == 1)
    #expect(settings.sequencer.writesMax == 1)
    let other = try await fixture.read(["CORFU_SEQUENCER_WRITES_MAX": "5000"])
    #expect(other.sequencer.writesMax == 5000)
    #expect(try await SettingsFixture("{ \(required) }").read().sequencer == SequencerLimits())
  }

  @Test func noFileIsNeeded() async throws {
    let variables = [
      "CORFU_CLUSTER": "orders", "CORFU_NODE": "1", "CORFU_FOLDER": "data",
      "CORFU_LISTEN": "[::1]:7000", "CORFU_MONITOR_SILENCE_MAX": "2s",
      "CORFU_NETWORK_IDLE_MAX": "5min",
    ]
    let settings = try await SettingsReader.read(file: nil, environment: variables, flags: [:])
    #expect(settings.listen == NodeAddress("[::1]:7000"))
    #expect(settings.monitoring.silenceMax == .seconds(2))
    #expect(settings.network.idleMax == .seconds(300))
  }

  @Test func whatLocalClustersWriteIsRead() async throws {
    let fixture = try SettingsFixture("{}")
    let cluster = LocalCluster(in: fixture.folder, program: "/nowhere")
    let member = try cluster.add()
    let path = "\(cluster.folder)/\(member.node)/node.json"
    let settings = try await SettingsReader.read(file: path, environment: [:], flags: [:])
    #expect(settings.node == member.node)
    #expect(settings.listen == member.address)
    #expect(settings.admin == member.admin)
    #expect(settings.folder == "\(cluster.folder)/\(member.node)/data")
    // Nobody else may read it, and it says nothing of where it is: the folder may be moved.
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let other = fixture.folder + "-moved"
    try FileManager.default.moveItem(atPath: cluster.folder, toPath: other)
    let moved = "\(other)/\(member.node)"
    let there = try await SettingsReader.read(
      file: moved + "/node.json",
      environment: [:],
      flags: [:]
    )
    #expect(there.folder == moved + "/data")
    try FileManager.default.moveItem(atPath: other, toPath: cluster.folder)
  }

  static let mistakes: [(json: String, line: String)] = [
    (
      "\"drain\": 5",
      "drain (FILE): 5 is no duration: write it with its unit, as \"200ms\" or \"5s\""
    ),
    ("\"drain\": \"2h\"", "drain (FILE): '2h' is too much or too little: from 0s to 1h"),
    (
      "\"admin\": \"here\"",
      "admin (FILE): 'here' is no address: write HOST:PORT, as \"10.0.0.1:7000\" or \"[::1]:7000\""
    ),
    (
      "\"insecure\": \"true\"",
      "insecure (FILE): 'true' is no yes or no: write true or false, without quotes"
    ),
    ("\"insecure\": 1", "insecure (FILE): 1 is no yes or no: write true or false, without quotes"),
    (
      "\"roles\": \"unit\"",
      "roles (FILE): 'unit' is no list of roles: write it as [\"unit\", \"monitor\"]"
    ),
    (
      "\"roles\": [\"disk\"]",
      "roles (FILE): 'disk' is no role: there are unit, sequencer, monitor"
    ),
    (
      "\"roles\": [\"monitor\", \"acceptor\"]",
      "roles (FILE): 'acceptor' is no role: every unit can be an acceptor, and the layout names "
        + "those that are: write unit"
    ),
    ("\"roles\": []", "roles: a node without a role has nothing to do"),
    (
      "\"store\": { \"segmentSize\": \"64MB\" }",
      "store.segmentSize (FILE): '64MB' is no size: write bytes, or KiB, MiB or GiB, as \"64MiB\""
    ),
    (
      "\"store\": { \"segmentSize\": 17 }",
      "store.segmentSize (FILE): 17 is too much or too little: from 64KiB to 2GiB"
    ),
    (
      "\"store\": { \"payloadMax\": \"64MiB\" }, \"network\": { \"clientFrameMax\": \"128MiB\" }",
      "store: an entry of payloadMax must fit into a segment beside its reserve: make segmentSize "
        + "larger, or one of the two smaller"
    ),
    (
      "\"store\": { \"openFilesMax\": 1.5 }",
      "store.openFilesMax (FILE): 1.5 is no whole number: write one, as 100"
    ),
    (
      "\"sequencer\": { \"streamsMax\": 0 }",
      "sequencer.streamsMax (FILE): 0 is too much or too little: from 1 to 268435456"
    ),
    (
      "\"sequencer\": { \"writesMax\": 0 }",
      "sequencer.writesMax (FILE): 0 is too much or too little: from 1 to 268435456"
    ),
    (
      "\"network\": { \"connectionsMax\": 0 }",
      "network.connectionsMax (FILE): 0 is too much or too little: from 1 to 1000000"
    ),
    (
      "\"monitor\": { \"interval\": \"1s\" }",
      "monitor: silenceMax is too short for a node that is asked how it is every 1s: make it at "
        + "least twice the interval"
    ),
    (
      "\"log\": { \"level\": \"loud\" }",
      "log.level (FILE): 'loud' is no log level: there are trace, debug, info, notice, warning, "
        + "error, critical"
    ),
    (
      "\"log\": \"info\"", "log (FILE): this is not one setting: there are log.level"
    ),
    (
      "\"admin\": { \"port\": 1 }",
      "admin.port (FILE): there is no such setting: 'admin' has no parts"
    ),
    (
      "\"advertize\": \"a:1\"",
      "advertize (FILE): there is no such setting: did you mean 'advertise'?"
    ),
    (
      "\"segmentSize\": 5",
      "segmentSize (FILE): there is no such setting: did you mean 'store.segmentSize'?"
    ),
    ("\"colour\": \"red\"", "colour (FILE): there is no such setting"),
    (
      "\"tls\": { \"certificate\": \"a\", \"key\": \"b\" }",
      "tls.authority: certificate, key and authority go together"
    ),
  ]

  @Test(arguments: mistakes)
  func eachMistakeHasItsLine(json: String, line: String) async throws {
    let fixture = try SettingsFixture("{ \(required), \(json) }")
    #expect(await fixture.mistakes() == [line])
  }

  @Test func allMistakesAreTold() async throws {
    let fixture = try SettingsFixture(
      "{ \"cluster\": \"My Cluster\", \"node\": 0, \"listn\": \"0.0.0.0:7000\" }"
    )
    let lines = await fixture.mistakes(
      ["CORFU_DRAIN": "soon", "CORFU_FOLDR": "data"],
      ["insecure": "perhaps", "stripes": "3"]
    )
    #expect(
      lines == [
        "stripes (command line): there is no such setting",
        "CORFU_FOLDR: there is no such variable: did you mean 'CORFU_FOLDER'?",
        "listn (FILE): there is no such setting: did you mean 'listen'?",
        "cluster (FILE): 'My Cluster' is no name of a cluster: write 1 to 64 of the characters "
          + "a-z, 0-9, '-' and '.'",
        "node (FILE): 0 is no name of a node: write a number from 1, as 3, or \"n3\"",
        "folder: this must be given. Where the node keeps its files. A folder of its own, on the "
          + "disk that its unit is to use.",
        "drain (CORFU_DRAIN): 'soon' is no duration: write it with its unit, as \"200ms\" or "
          + "\"5s\"",
        "listen: this must be given. Where the node listens for clients and other nodes.",
        "insecure (command line): 'perhaps' is no yes or no: write true or false",
      ]
    )
  }

  @Test func aMistakeIsNotToldTwice() async throws {
    // What is wrong with the certificates is not, besides, that there are none.
    let fixture = try SettingsFixture(
      """
      { "cluster": "orders", "node": 3, "folder": "data", "listen": "10.0.0.1:7000",
        "tls": { "certificate": 5, "key": "b", "authority": "c" } }
      """
    )
    #expect(
      await fixture.mistakes() == [
        "tls.certificate (FILE): 5 is no path: write one, as \"data\""
      ]
    )
  }

  @Test(arguments: [
    ("[1, 2]", "FILE: settings are an object: { \"cluster\": …, \"node\": … }"),
    ("\"text\"", "FILE: settings are an object: { \"cluster\": …, \"node\": … }"),
  ])
  func aFileIsAnObject(json: String, line: String) async throws {
    let fixture = try SettingsFixture(json)
    #expect(await fixture.mistakes() == [line])
  }

  @Test(arguments: [
    "", "{ \"cluster\": }", "{", "{ \"a\": 1 ", "{ \"node\": 12345678901234567890123 ",
  ])
  func whatIsNoJSONIsSaidToBeNone(json: String) async throws {
    let fixture = try SettingsFixture(json)
    let lines = await fixture.mistakes()
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("FILE: this is no JSON: ") == true, "\(lines)")
  }

  @Test func aMissingFileIsSaidToBeMissing() async throws {
    let lines = await SettingsReader.check(file: "/nowhere/node.json", environment: [:], flags: [:])
    #expect(lines == ["/nowhere/node.json: there is no such file"])
    let folder = NSTemporaryDirectory()
    #expect(
      await SettingsReader.check(file: folder, environment: [:], flags: [:])
        == ["\(folder): this is a folder, not a file"]
    )
  }

  @Test func certificatesThatCannotBeReadAreFoundByTheCheck() async throws {
    let fixture = try SettingsFixture(
      """
      { \(required), "tls": { "certificate": "a.pem", "key": "a.key", "authority": "ca.pem" } }
      """
    )
    #expect(
      await fixture.mistakes() == [
        "tls: \(fixture.folder)/a.pem: there is no such file that this program may read"
      ]
    )
  }

  @Test(arguments: [
    ("0s", Duration.zero), ("5us", .microseconds(5)), ("250ms", .milliseconds(250)),
    ("90s", .seconds(90)), ("10min", .seconds(600)), ("1h", .seconds(3600)),
  ])
  func durationsAreReadAsTheyAreWritten(text: String, duration: Duration) {
    #expect(SettingUnits.duration(text) == duration)
    #expect(SettingUnits.text(duration) == text)
  }

  @Test(arguments: ["", "5", "ms", "5 m", "-1s", "1.5s", "99999999999s", "5S"])
  func whatIsNoDurationIsNone(text: String) {
    #expect(SettingUnits.duration(text) == nil)
  }

  @Test(arguments: [
    ("0", 0), ("1000", 1000), ("512KiB", 512 << 10), ("64MiB", 64 << 20), ("3GiB", 3 << 30),
  ])
  func sizesAreReadAsTheyAreWritten(text: String, bytes: Int) {
    #expect(SettingUnits.size(text) == bytes)
    #expect(SettingUnits.text(size: bytes) == text)
  }

  @Test(arguments: [
    "", "MiB", "5MB", "-5", "9223372036854775807KiB", "99999999999999999999", "1e6",
  ])
  func whatIsNoSizeIsNone(text: String) {
    #expect(SettingUnits.size(text) == nil)
  }
}
