internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuStripeMirror

// The file `acceptor` of a node's folder: what its acceptor has promised and voted for. Numbers are
// little-endian.
//
//    0  magic      8 bytes   "CORFUACC"
//    8  version    4 bytes   1
//   12  count      4 bytes   of registers; for each:
//        epoch     8 bytes   of the layout before
//        hash      8 bytes   of the layout before
//        flags     4 bytes   1: there is a promise, 2: there is a vote
//        promise  24 bytes   round, proposer; zero if there is none
//        vote     24 bytes   round, proposer; zero if there is none
//        length    4 bytes   of the layout voted for, and its bytes
//    …  sum        4 bytes   CRC-32C of all bytes before
//
// It is replaced as a whole, and durable before the answer that depends on it goes out (R27). A
// file that cannot be read means that a promise may be forgotten: the folder is not opened (D8).

/// An acceptor's registers as bytes.
enum AcceptorFile {
  static let name = "acceptor"
  private static let magic: UInt64 = 0x4343_4155_4652_4f43  // "CORFUACC"
  private static let version: UInt32 = 1

  /// Why a file is not read.
  enum ReadError: Error {
    case device(DeviceError)
    case damaged
    case otherVersion(UInt32)
  }

  static func encoded<Voter: Accepting>(_ registers: [LayoutID: Voter]) -> [UInt8]
  where Voter.Value == Layout {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: version)
    bytes.append(number: UInt32(registers.count))
    for (base, voter) in sorted(registers) {
      bytes.append(number: base.epoch.number)
      bytes.append(number: base.hash)
      let flags = (voter.promised == nil ? 0 : 1) | (voter.accepted == nil ? 0 : 2)
      bytes.append(number: UInt32(flags))
      append(voter.promised, to: &bytes)
      append(voter.accepted?.ballot, to: &bytes)
      let layout = voter.accepted?.value.encoded() ?? []
      bytes.append(number: UInt32(layout.count))
      bytes.append(contentsOf: layout)
    }
    bytes.append(number: Checksum.of(bytes.span.bytes))
    return bytes
  }

  /// Registers in an order that is always the same.
  static func sorted<Voter>(_ registers: [LayoutID: Voter]) -> [(key: LayoutID, value: Voter)] {
    registers.sorted { ($0.key.epoch, $0.key.hash) < ($1.key.epoch, $1.key.hash) }
  }

  private static func append(_ ballot: Ballot?, to bytes: inout [UInt8]) {
    bytes.append(number: ballot?.round ?? 0)
    bytes.append(number: ballot?.proposer.high ?? 0)
    bytes.append(number: ballot?.proposer.low ?? 0)
  }

  static func read<Storage: Device, Voter: Accepting>(
    in device: Storage,
    as type: Voter.Type = Voter.self
  ) throws(ReadError) -> [LayoutID: Voter] where Voter.Value == Layout {
    let bytes: [UInt8]
    do throws(DeviceError) {
      guard try device.list().contains(name) else { return [:] }
      let file = try device.open(name)
      bytes = try file.read(at: 0, count: try file.size())
    } catch {
      throw .device(error)
    }
    return try decode(bytes)
  }

  private static func decode<Voter: Accepting>(
    _ bytes: [UInt8]
  ) throws(ReadError) -> [LayoutID: Voter] where Voter.Value == Layout {
    let end = bytes.count - 4
    let span = bytes.span.bytes
    guard end >= 16, span.number(at: 0, as: UInt64.self) == magic,
      span.number(at: end) == Checksum.of(span.extracting(0..<end))
    else { throw .damaged }
    let version: UInt32 = span.number(at: 8)
    guard version == Self.version else { throw .otherVersion(version) }
    var registers: [LayoutID: Voter] = [:]
    var index = 16
    for _ in 0..<span.number(at: 12, as: UInt32.self) {
      guard end - index >= 72 else { throw .damaged }
      let base = LayoutID(
        epoch: Epoch(span.number(at: index)),
        hash: span.number(at: index + 8)
      )
      let flags: UInt32 = span.number(at: index + 16)
      let length = Int(span.number(at: index + 68, as: UInt32.self))
      guard end - index - 72 >= length else { throw .damaged }
      var vote: Vote<Layout>?
      if flags & 2 != 0 {
        do {
          let layout = try Layout(decoding: Array(bytes[index + 72..<index + 72 + length]))
          vote = Vote(ballot: ballot(in: span, at: index + 44), value: layout)
        } catch {
          throw .damaged
        }
      }
      registers[base] = Voter(
        promised: flags & 1 == 0 ? nil : ballot(in: span, at: index + 20),
        accepted: vote
      )
      index += 72 + length
    }
    guard index == end else { throw .damaged }
    return registers
  }

  private static func ballot(in span: RawSpan, at index: Int) -> Ballot {
    let proposer = ProposerID(high: span.number(at: index + 8), low: span.number(at: index + 16))
    return Ballot(round: span.number(at: index), proposer: proposer)
  }
}
