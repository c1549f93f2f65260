// Goal: a node remembers layouts across a restart, loses none that it could not read, and tells as
// many as one reply holds. Method: files that were cut, changed, or cannot be opened, and a node
// whose layouts are more than that.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Foundation
import Logging
import Testing

@Suite(.timeLimit(.minutes(2))) struct LayoutFileTests {
  private static let node = NodeID(1)

  private func layout(_ epoch: UInt64, spares: UInt32 = 0) -> Layout {
    let unit = UnitName(node: Self.node, incarnation: Incarnation(high: 0, low: 1))
    return Layout(
      epoch: Epoch(epoch),
      spans: [Span(begin: .zero, stripes: [Chain([unit])])],
      sequencer: SequencerName(node: Self.node, boot: BootID(high: 0, low: 7)),
      acceptors: [unit],
      spares: (0..<spares).map { number in
        UnitName(node: NodeID(number + 2), incarnation: Incarnation(high: 0, low: 2))
      }
    )
  }

  private func logger(to lines: KeptLines.Lines) -> Logger {
    Logger(label: "test") { _ in KeptLines(lines: lines) }
  }

  /// The bytes of a file that holds some layouts, as a release of some version writes them.
  private func bytes(of layouts: [Layout], version: UInt8 = 1) async throws -> [UInt8] {
    let folder = try TestFolder()
    defer { folder.remove() }
    try await LayoutFile(in: FileDevice(path: folder.path)).write(layouts)
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/layouts")))
    bytes[8] = version
    bytes.removeLast(4)
    let sum = Checksum.of(bytes.span.bytes)
    return bytes + ([0, 8, 16, 24] as [UInt32]).map { UInt8(truncatingIfNeeded: sum >> $0) }
  }

  @Test func layoutsAreKeptInAFile() async throws {
    let folder = try TestFolder()
    let file = LayoutFile(in: FileDevice(path: folder.path))
    #expect(try file.read() == .layouts([]))
    let layouts = [layout(1), layout(4)]
    try await file.write(layouts)
    #expect(try file.read() == .layouts(layouts))
    // Cut or changed anywhere, it is damaged.
    let path = URL(fileURLWithPath: folder.path + "/layouts")
    let whole = try Data(contentsOf: path)
    for count in 0..<whole.count {
      try whole.prefix(count).write(to: path)
      #expect(try file.read() == .damaged, "\(count) bytes")
    }
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 1
      try changed.write(to: path)
      #expect(try file.read() == .damaged, "byte \(index)")
    }
    let foreign = try await bytes(of: layouts, version: 2)
    try Data(foreign).write(to: path)
    #expect(try file.read() == .foreign(version: 2))
    folder.remove()
  }

  @Test func aDamagedFileIsPutAside() async throws {
    let folder = try TestFolder()
    let file = LayoutFile(in: FileDevice(path: folder.path))
    let (path, bad) = (folder.path + "/layouts", folder.path + "/layouts.bad")
    let node = Node<TimedDevice, ReferenceParts>(Self.node)
    let lines = KeptLines.Lines()
    // The second takes the place of the first.
    for damage in ["first", "second"] {
      try Data(damage.utf8).write(to: URL(fileURLWithPath: path))
      #expect(file.recall(to: node, logger(to: lines)))
      #expect(try Data(contentsOf: URL(fileURLWithPath: bad)) == Data(damage.utf8))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    let words = "warning \(path) is damaged, and is called layouts.bad now: "
    #expect(lines.all.count { $0.hasPrefix(words) } == 2, "\(lines.all)")
    #expect(node.layouts == [])
    try await file.write([layout(3)])
    #expect(file.recall(to: node, logger(to: lines)))
    #expect(node.layouts == [layout(3)])
    folder.remove()
  }

  /// Starts a node, which hears of a layout, and ends it.
  ///
  /// - Returns: What it said of its file.
  private func live(in cluster: TestCluster, hearing layout: Layout) async throws -> [String] {
    let lines = KeptLines.Lines()
    cluster.logger = logger(to: lines)
    try await cluster.start(Self.node)
    cluster.processes[Self.node]?.node.recall([layout])
    try await cluster.end(Self.node)
    return lines.all.filter { $0.contains("/layouts ") }
  }

  @Test func whatAnotherReleaseWroteIsLeftAlone() async throws {
    let cluster = try TestCluster()
    #expect(try await live(in: cluster, hearing: layout(1)) == [])
    let path = URL(fileURLWithPath: "\(cluster.folder.path)/\(Self.node)/layouts")
    let foreign = try await bytes(of: [layout(1)], version: 2)
    try Data(foreign).write(to: path)
    let told = try await live(in: cluster, hearing: layout(2))
    #expect(told.count == 1)
    #expect(told.first?.contains("was written by another release (version 2)") == true, "\(told)")
    #expect(try Data(contentsOf: path) == Data(foreign))
    // Without it the node begins anew.
    try FileManager.default.removeItem(at: path)
    #expect(try await live(in: cluster, hearing: layout(2)) == [])
    let file = LayoutFile(in: FileDevice(path: "\(cluster.folder.path)/\(Self.node)"))
    #expect(try file.read() == .layouts([layout(2)]))
    cluster.folder.remove()
  }

  @Test func whatCannotBeReadIsLeftAlone() async throws {
    let cluster = try TestCluster()
    #expect(try await live(in: cluster, hearing: layout(1)) == [])
    let path = "\(cluster.folder.path)/\(Self.node)/layouts"
    // A link to itself can be replaced, and opened by nobody, whoever runs this.
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "layouts")
    let told = try await live(in: cluster, hearing: layout(2))
    #expect(told.count == 1)
    #expect(told.first?.contains("cannot be read, and is left alone") == true, "\(told)")
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    #expect(target == "layouts")
    cluster.folder.remove()
  }

  @Test func aReplyHoldsTheNewest() async throws {
    let cluster = try TestCluster()
    cluster.network.clientFrameBytesMax = 2 << 20
    let address = try await cluster.start(Self.node)
    let process = try #require(cluster.processes[Self.node])
    // More than a frame holds, and no more than a node remembers.
    let layouts = (1...60 as ClosedRange<UInt64>).map { layout($0, spares: 2000) }
    process.node.recall(layouts)
    #expect(process.node.layouts == layouts)
    let bytes = layouts.reduce(0) { $0 + $1.encoded().count }
    #expect(bytes > cluster.network.clientFrameBytesMax)
    let transport = TCPTransport(
      as: Hello(cluster: cluster.name, role: .client),
      security: .open,
      limits: cluster.network
    )
    transport.learn([Self.node: address])
    let reply = try await transport.call(.layouts, to: Self.node, patience: .seconds(30))
    await transport.close()
    try await cluster.endAll()
    guard case .layouts(let told) = reply else {
      Issue.record("something else than layouts")
      return
    }
    #expect((1..<60).contains(told.count))
    #expect(told == Array(layouts.suffix(told.count)))
  }
}
