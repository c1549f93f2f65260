/// A call of a device or of one of its files.
public enum DiskCall: Int, CaseIterable, Sendable {
  case write, read, sync, truncate, create, open, rename, remove, list, syncFolder

  /// Whether the call changes something on the disk.
  public var changesDisk: Bool {
    switch self {
    case .read, .open, .list: false
    case .write, .sync, .truncate, .create, .rename, .remove, .syncFolder: true
    }
  }
}

/// What a simulated disk was asked to do and what went wrong, since it was made.
public struct DiskCounts: Equatable, Sendable {
  private var calls = [Int](repeating: 0, count: DiskCall.allCases.count)
  private var faults = [Int](repeating: 0, count: DiskFault.allCases.count)

  /// Bytes handed to `write`.
  public internal(set) var bytesWritten = 0

  /// Bytes that syncs moved to the disk, in whole sectors.
  public internal(set) var bytesSynced = 0

  /// How often a process was killed at a call that had been chosen for it.
  public internal(set) var killsAtCalls = 0

  /// How often the power went at a call that had been chosen for it.
  public internal(set) var powerCutsAtCalls = 0

  /// How often a call was made, failed ones included.
  public internal(set) subscript(call: DiskCall) -> Int {
    get { calls[call.rawValue] }
    set { calls[call.rawValue] = newValue }
  }

  /// How often a fault happened.
  public internal(set) subscript(fault: DiskFault) -> Int {
    get { faults[fault.rawValue] }
    set { faults[fault.rawValue] = newValue }
  }

  /// All calls.
  public var total: Int { calls.reduce(0, +) }

  /// All faults.
  public var faultTotal: Int { faults.reduce(0, +) }

  /// How often something went wrong: what a power cut takes, however much, is part of the cut.
  public var strikes: Int { faultTotal - self[.lostSector] - self[.lostName] }

  /// How many kinds of faults happened.
  public var faultKinds: Int { faults.count { $0 > 0 } }
}

extension DiskCounts: CustomStringConvertible {
  /// What is not zero, in a fixed order.
  public var description: String {
    let parts =
      DiskCall.allCases.map { ("\($0)", self[$0]) } + DiskFault.allCases.map { ("\($0)", self[$0]) }
    return parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
