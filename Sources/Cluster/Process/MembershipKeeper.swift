public import CorfuGlobalLog
internal import CorfuProtocol
internal import Synchronization

// The file `membership` in a node's folder. It is written anew at each change, beside the old one,
// and takes its name when it is durable (D3).
//
//    0  magic     8 bytes   "CORFUMEM"
//    8  version   4 bytes   2
//   12  bytes               as they are told to others (docs/wire.md)
//       sum       4 bytes   CRC-32C of all before

/// Who the cluster consists of, as far as this node has heard: on disk, so that it is known after a
/// restart while all others are down.
final class MembershipKeeper: Sendable {
  private let device: FileDevice
  private let state: Mutex<Membership?>
  private let writing = Turn()
  private let onChange: @Sendable (Change) -> Void

  /// One that was taken in.
  struct Change: Sendable {
    let membership: Membership
    /// What was known until then.
    let before: Membership?
    /// Who told it; `nil` if this node made it.
    let peer: Peer?
  }

  private static let fileName = "membership"
  private static let magic: UInt64 = 0x4d45_4d55_4652_4f43  // "CORFUMEM"
  private static let version: UInt32 = 2

  /// Reads the file, if there is one.
  ///
  /// - Parameters:
  ///   - device: The node's folder.
  ///   - onChange: Hears of each that is taken in, in order.
  /// - Throws: ``MembershipFileError``.
  init(
    in device: FileDevice,
    onChange: @escaping @Sendable (Change) -> Void
  ) throws(MembershipFileError) {
    self.device = device
    self.onChange = onChange
    state = Mutex(try Self.read(from: device))
  }

  /// The newest.
  var newest: Membership? { state.withLock { $0 } }

  /// Takes one in, if it is newer: durable on return.
  ///
  /// - Parameters:
  ///   - membership: It.
  ///   - peer: Who told it; `nil` if this node made it.
  ///   - known: What it was made of: if something else is known by now, it is left. `nil` if it
  ///     was made elsewhere.
  /// - Returns: Whether it was taken in.
  /// - Throws: `DeviceError`, and the old one stands.
  @discardableResult
  func offer(
    _ membership: Membership,
    from peer: Peer? = nil,
    madeOf known: Membership? = nil
  ) async throws(DeviceError) -> Bool {
    if membership.objection != nil { return false }
    await writing.take()
    defer { writing.end() }
    let before = newest
    // Of two with one version either may win: an operator's, taken in meanwhile, must not lose.
    if let known, known != before { return false }
    guard membership.replaces(before) else { return false }
    try await write(membership)
    state.withLock { $0 = membership }
    onChange(Change(membership: membership, before: before, peer: peer))
    return true
  }

  private func write(_ membership: Membership) async throws(DeviceError) {
    try await device.replace(Self.fileName, with: Self.encoded(membership))
  }

  /// The file's bytes.
  static func encoded(_ membership: Membership) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: version)
    bytes += membership.encoded()
    bytes.append(number: Checksum.of(bytes))
    return bytes
  }

  private static func read(from device: FileDevice) throws(MembershipFileError) -> Membership? {
    let path = "\(device.name)/\(fileName)"
    let bytes: [UInt8]
    do throws(DeviceError) {
      guard try device.list().contains(fileName) else { return nil }
      let file = try device.open(fileName)
      bytes = try file.read(at: 0, count: try file.size())
    } catch .notFound {
      return nil
    } catch {
      throw .device(error)
    }
    return try membership(in: bytes, path)
  }

  /// What the file's bytes say.
  ///
  /// - Parameters:
  ///   - bytes: All of them.
  ///   - path: What the file is called in an error.
  /// - Returns: The membership.
  /// - Throws: ``MembershipFileError``.
  static func membership(
    in bytes: [UInt8],
    _ path: String
  ) throws(MembershipFileError) -> Membership {
    let span = bytes.span.bytes
    guard bytes.count >= 16, span.number(at: 0, as: UInt64.self) == magic else {
      throw .damaged(path)
    }
    // First: what makes no sense as a version need not be one.
    let end = bytes.count - 4
    guard Checksum.of(Array(bytes[..<end])) == span.number(at: end, as: UInt32.self) else {
      throw .damaged(path)
    }
    let version: UInt32 = span.number(at: 8)
    guard version == Self.version else { throw .otherVersion(path, version) }
    do {
      return try Membership(decoding: Array(bytes[12..<end]))
    } catch {
      throw .damaged(path)
    }
  }
}

extension Checksum {
  /// The sum of some bytes.
  fileprivate static func of(_ bytes: [UInt8]) -> UInt32 {
    var sum = Checksum()
    sum.update(bytes.span.bytes)
    return sum.value
  }
}

/// Why a node does not know who the cluster consists of.
public enum MembershipFileError: Error, Hashable, Sendable {
  /// The disk does not do as it is told.
  case device(DeviceError)
  /// The file is damaged.
  case damaged(String)
  /// Another release wrote it.
  case otherVersion(String, UInt32)
}

extension MembershipFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .device(let error): "\(error)"
    case .damaged(let path):
      "\(path) is damaged. It says who the cluster consists of, which the other nodes know as "
        + "well: remove it, and start this node while another is up; if all have lost it, 'corfu "
        + "cluster init --again' writes it anew"
    case .otherVersion(let path, let version):
      "\(path) has version \(version), which this release does not know: take a newer one"
    }
  }
}
