/// Why bytes from the network are no frame, or a message makes none.
///
/// Whoever reads one of them closes the connection: where the next frame begins nobody knows.
public enum FrameError: Error, Hashable, Sendable {
  /// The bytes do not begin as a frame does: somebody else is at the other end.
  case notCorfu
  /// The peer speaks a version of the protocol that is not known here.
  case otherVersion(UInt8)
  /// The frame is larger than is taken.
  case tooLarge(bytes: Int, bytesMax: Int)
  /// The checksum does not match.
  case damaged
  /// The bytes are whole, and make no sense.
  case malformed
}

extension FrameError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notCorfu: "this is not CORFU's protocol"
    case .otherVersion(let version):
      "the peer speaks version \(version) of the protocol, and this program version "
        + "\(FrameHeader.version): bring both to the same release"
    case .tooLarge(let bytes, let bytesMax):
      "a message of \(bytes) bytes is too large: at most \(bytesMax) are taken"
    case .damaged: "the message was damaged on its way"
    case .malformed: "the message makes no sense"
    }
  }
}
