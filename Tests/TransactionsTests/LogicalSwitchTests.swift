// Goal: a programmer's own object is short, and needs nothing but the protocol.
// Method: a switch with ports, in the lines between the marks, which are counted.
import CorfuTransactions
import Foundation
import Testing

// begin
/// A switch whose ports are enabled and disabled.
struct LogicalSwitch: ReplicatedState, Codable, Equatable {
  enum Update: Codable, Equatable {
    case enable(port: Int)
    case disable(port: Int)
  }

  private(set) var enabled: Set<Int> = []

  /// Whether the port was enabled before.
  mutating func apply(_ update: Update) -> Bool {
    switch update {
    case .enable(let port): !enabled.insert(port).inserted
    case .disable(let port): enabled.remove(port) != nil
    }
  }

  static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .enable(let port), .disable(let port): [.integer(Int64(port))]
    }
  }
}

extension ReplicatedObject where State == LogicalSwitch {
  func enablePort(_ port: Int) async throws(ObjectError) -> Bool {
    try await outcome(of: .enable(port: port))
  }
}
// end

struct LogicalSwitchTests {
  @Test("An update returns the old value at its own position (R33)")
  func portsTellWhatTheyWere() throws {
    var one = LogicalSwitch()
    expect(one.apply(.enable(port: 1)), is: false)
    expect(one.apply(.enable(port: 1)), is: true)
    expect(one.apply(.enable(port: 2)), is: false)
    expect(one.apply(.disable(port: 1)), is: true)
    expect(one.apply(.disable(port: 1)), is: false)
    #expect(one.enabled == [2])
    #expect(LogicalSwitch.keys(writtenBy: .enable(port: 7)) == [7])
    let update = LogicalSwitch.Update.disable(port: 300)
    #expect(try BinaryCoder.decode(from: BinaryCoder.encode(update)) == update)
  }

  @Test("R33: a method of one's own says what was there at the update's own position")
  func portsOverALog() async throws {
    let log = ModelStreams()
    let here = try await Runtime(over: log).object("switch", of: LogicalSwitch.self)
    let there = try await Runtime(over: log.client(2)).object("switch", of: LogicalSwitch.self)
    #expect(try await here.enablePort(7) == false)
    #expect(try await there.enablePort(7) == true)
    #expect(try await there.enablePort(8) == false)
    #expect(try await here.read { $0.enabled } == [7, 8])
  }

  @Test func anObjectOfOnesOwnIsUnderThirtyLines() throws {
    let text = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let begin = try #require(lines.firstIndex(of: "// begin"))
    let end = try #require(lines.firstIndex(of: "// end"))
    #expect(end - begin - 1 < 30)
  }

  @Test func aSmallStateIsOnePiece() throws {
    var one = LogicalSwitch()
    expect(one.apply(.enable(port: 1)), is: false)
    var other = LogicalSwitch()
    for piece in one.pieces {
      other.restore(try BinaryCoder.decode(from: try BinaryCoder.encode(piece)))
    }
    #expect(other == one)
  }
}
