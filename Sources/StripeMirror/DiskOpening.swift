internal import CorfuGlobalLog
public import CorfuSequencer

/// One of the times that a disk was put to work, as the disk itself counts them.
///
/// An older image of a disk has missed some. Put to work again it may count as many as the disk
/// that it was taken from, but it cannot draw the same number. (Disk rule D12.)
public struct DiskOpening: Hashable, Sendable {
  /// How often the disk was put to work, this time included; never zero.
  public let count: UInt64
  /// A number drawn for this time.
  public let boot: BootID

  /// An opening.
  public init(count: UInt64, boot: BootID) {
    self.count = count
    self.boot = boot
  }

  /// Whether a disk that says this has missed nothing of what somebody knows: it is the opening
  /// that is known, or a later one.
  public func follows(_ known: DiskOpening) -> Bool {
    self == known || count > known.count
  }
}

extension DiskOpening: CustomStringConvertible {
  public var description: String { "opening \(count)" }
}

extension Layout {
  /// Which acceptors there are, as a number.
  ///
  /// What one set of acceptors has noted the next one need not know.
  package var electorate: UInt64 {
    var hash = WordHash()
    // In an order of their own: the same set gives the same number.
    for name in acceptors.sorted() {
      hash.take(UInt64(name.node.number))
      hash.take(name.incarnation.high)
      hash.take(name.incarnation.low)
    }
    return hash.value
  }
}
