internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// The file `acceptor` of a node's folder: a file of slots (`SlotFormat.swift`) with one part, which
// says what its acceptor has promised and voted for. Numbers are little-endian.
//
//    0  count      4 bytes   of registers; for each:
//        epoch     8 bytes   of the layout before
//        hash      8 bytes   of the layout before
//        flags     4 bytes   1: there is a promise, 2: there is a vote
//        promise  24 bytes   round, proposer; zero if there is none
//        vote     24 bytes   round, proposer; zero if there is none
//        length    4 bytes   of the layout voted for, and its bytes
//
// It is durable before the answer that depends on it goes out (R27). A file that is missing or
// cannot be read means that a promise may be forgotten: the folder is not opened (D8).

/// Where an acceptor's registers survive.
struct AcceptorFile<Storage: Device, Voter: Accepting>: Sendable where Voter.Value == Layout {
  private var slots: SlotFile<Storage>

  /// Opens the file, or makes it in a folder where nobody has promised anything yet.
  ///
  /// The folder must be this process's: what was in the file is written anew.
  static func open(
    in device: Storage
  ) async throws(UnitOpenError) -> (file: AcceptorFile, registers: [LayoutID: Voter]) {
    do throws(DeviceError) {
      let names = try device.list()
      if !names.contains(name), !names.contains(StoreIdentity.fileName) {
        try await SlotFile.create(name, magic: magic, [encoded([:])], in: device)
      }
    } catch {
      throw .device(error)
    }
    var slots: SlotFile<Storage>
    do {
      slots = try SlotFile(name, magic: magic, parts: 1, in: device)
    } catch {
      switch error {
      case .device(let error): throw .device(error)
      case .missing: throw .promisesLost(device.name)
      case .otherVersion(let version):
        throw .otherVersion(file: "\(device.name)/\(name)", version: version)
      }
    }
    guard let registers = slots.contents(of: 0).flatMap(decoded) else {
      throw .promisesLost(device.name)
    }
    do {
      // It is told to the next who asks, so it must be durable first (R27).
      try await slots.settle()
    } catch {
      throw .device(error)
    }
    return (AcceptorFile(slots: slots), registers)
  }

  /// Writes all registers down; durable on return.
  ///
  /// - Throws: ``DeviceError/outOfSpace``, if they outgrow the file and the disk is full: nothing
  ///   has changed then.
  mutating func write(_ registers: [LayoutID: Voter]) async throws(DeviceError) {
    if planted(.forgetsVotes) { return }
    try await slots.put([(part: 0, contents: Self.encoded(registers))])
    try await slots.commit()
  }

  private static var name: String { "acceptor" }
  private static var magic: UInt64 { 0x4343_4155_4652_4f43 }  // "CORFUACC"

  /// The bytes of all registers.
  static func encoded(_ registers: [LayoutID: Voter]) -> [UInt8] {
    var bytes: [UInt8] = []
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
    return bytes
  }

  /// Registers in an order that is always the same.
  static func sorted(_ registers: [LayoutID: Voter]) -> [(key: LayoutID, value: Voter)] {
    registers.sorted { ($0.key.epoch, $0.key.hash) < ($1.key.epoch, $1.key.hash) }
  }

  private static func append(_ ballot: Ballot?, to bytes: inout [UInt8]) {
    bytes.append(number: ballot?.round ?? 0)
    bytes.append(number: ballot?.proposer.high ?? 0)
    bytes.append(number: ballot?.proposer.low ?? 0)
  }

  /// Registers as they were written; `nil` if that makes no sense.
  static func decoded(_ bytes: [UInt8]) -> [LayoutID: Voter]? {
    let end = bytes.count
    let span = bytes.span.bytes
    guard end >= 4 else { return nil }
    var registers: [LayoutID: Voter] = [:]
    var index = 4
    for _ in 0..<span.number(at: 0, as: UInt32.self) {
      guard end - index >= 72 else { return nil }
      let base = LayoutID(
        epoch: Epoch(span.number(at: index)),
        hash: span.number(at: index + 8)
      )
      let flags: UInt32 = span.number(at: index + 16)
      let length = Int(span.number(at: index + 68, as: UInt32.self))
      guard end - index - 72 >= length else { return nil }
      var vote: Vote<Layout>?
      if flags & 2 != 0 {
        do {
          let layout = try Layout(decoding: Array(bytes[index + 72..<index + 72 + length]))
          vote = Vote(ballot: ballot(in: span, at: index + 44), value: layout)
        } catch {
          return nil
        }
      }
      registers[base] = Voter(
        promised: flags & 1 == 0 ? nil : ballot(in: span, at: index + 20),
        accepted: vote
      )
      index += 72 + length
    }
    guard index == end else { return nil }
    return registers
  }

  private static func ballot(in span: RawSpan, at index: Int) -> Ballot {
    let proposer = ProposerID(high: span.number(at: index + 8), low: span.number(at: index + 16))
    return Ballot(round: span.number(at: index), proposer: proposer)
  }
}
