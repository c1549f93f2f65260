import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

// Goal: a node keeps the layouts that its unit takes, and no other. Method: one node over memory,
// with requests handed to it.

@Suite struct NodeTests {
  typealias MemoryNode = Node<MemoryDevice, ReferenceParts>

  private static func layout(of unit: UnitName, boot: UInt64, epoch: Epoch = Epoch(1)) -> Layout {
    Layout(
      epoch: epoch,
      spans: [Span(begin: .zero, stripes: [Chain([unit])])],
      sequencer: SequencerName(node: NodeID(2), boot: BootID(high: 0, low: boot)),
      acceptors: [unit]
    )
  }

  private static func open(_ disk: MemoryDevice) async throws -> MemoryNode {
    var random = SeededGenerator(seed: 3)
    let limits = StoreLimits.small(segmentBytes: 16 << 10)
    return try await MemoryNode.open(
      NodeID(1),
      in: disk,
      limits: limits,
      upkeep: nil,
      using: &random
    )
  }

  @Test("A layout that the gate refuses is not kept, though nobody remembers the one in force")
  func refusedLayout() async throws {
    let disk = MemoryDevice(name: "n1")
    var node = try await Self.open(disk)
    let unit = try #require(node.unitName)
    let first = Self.layout(of: unit, boot: 1)
    let other = Self.layout(of: unit, boot: 2)
    #expect(await node.handle(.install(InstallRequest(layout: first))) == .installed(first.id))
    node.stop()
    disk.unlock()
    // The hint is lost, the gate is not.
    let file = try disk.open("epoch")
    let zeros = [UInt8](repeating: 0, count: file.size() - 20480)
    file.write(zeros.span.bytes, at: 20480)
    node = try await Self.open(disk)
    #expect(
      await node.handle(.install(InstallRequest(layout: other)))
        == .refused(.epoch(.otherLayout(first.id)))
    )
    #expect(node.newestLayout == nil)
    #expect(try NodeFolder.newestLayout(in: disk) == nil)
    // The right one is kept, and a later one after it.
    let next = Self.layout(of: unit, boot: 3, epoch: Epoch(2))
    for layout in [first, next] {
      #expect(await node.handle(.install(InstallRequest(layout: layout))) == .installed(layout.id))
      #expect(try NodeFolder.newestLayout(in: disk) == layout)
    }
  }

  @Test("Of two layouts of one epoch that arrive together the one in force is the one that is kept")
  func together() async throws {
    for _ in 0..<50 {
      let disk = MemoryDevice(name: "n1")
      let node = try await Self.open(disk)
      let unit = try #require(node.unitName)
      let layouts = [Self.layout(of: unit, boot: 1), Self.layout(of: unit, boot: 2)]
      await withTaskGroup(of: Void.self) { group in
        for layout in layouts {
          group.addTask { _ = await node.handle(.install(InstallRequest(layout: layout))) }
        }
      }
      let kept = try NodeFolder.newestLayout(in: disk)
      #expect(kept != nil && node.unit?.installed == kept?.id && node.newestLayout == kept)
    }
  }
}
