// Goal: a programmer's own object is short, and needs nothing but the protocol.
// Method: a switch with ports, in the lines between the marks, which are counted.
import CorfuTransactions
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
