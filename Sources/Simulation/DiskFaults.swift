/// A thing that goes wrong on a simulated disk.
public enum DiskFault: Int, CaseIterable, Sendable {
  /// A write fails; a part of it may have happened.
  case writeError
  /// A read fails.
  case readError
  /// The system writes a file back by itself, before any sync, and fails: what was not durable
  /// counts as clean from then on, and only who had the file open then is told, by the next sync.
  case writeBackError
  /// A sync fails, and what it should have made durable counts as clean from then on.
  case syncError
  /// Creating, renaming, removing or truncating fails.
  case nameError
  /// A sync takes far longer than usual.
  case stall
  /// A bit at rest flips.
  case bitFlip
  /// A sector at rest becomes zero.
  case zeroedSector
  /// A synced write lands at another place, perhaps in another file.
  case misdirectedWrite
  /// The sector that was being written when the power went holds neither old nor new.
  case garbageSector
  /// A sector written but not synced was lost in a power cut or by a failed sync.
  case lostSector
  /// A creation, renaming or removal not yet synced was lost in a power cut or by a failed sync.
  case lostName
  /// The disk was full.
  case outOfSpace
  /// The power went.
  case powerCut
  /// The process was killed.
  case kill
}

/// How often things go wrong on a simulated disk by themselves.
///
/// Tests of one fault inject it at a chosen call instead: ``SimulatedDevice/inject(_:atCall:of:)``.
public struct DiskFaults: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  /// The faults that have a rate.
  ///
  /// The others follow from a power cut, a kill or a disk's capacity.
  public static let kinds: [DiskFault] = [
    .writeError, .readError, .writeBackError, .syncError, .nameError, .stall, .bitFlip,
    .zeroedSector,
    .misdirectedWrite, .garbageSector,
  ]

  private var rates = [Double](repeating: 0, count: DiskFault.allCases.count)

  /// How long a stalled sync takes.
  public var stall: ClosedRange<Duration> = .milliseconds(50)...(.seconds(2))

  /// Whether a power cut may keep a later name operation and lose an earlier one.
  ///
  /// File systems with a journal, which is to say nearly all, keep a prefix. POSIX promises
  /// nothing.
  public var namesMayReorder = false

  /// A disk without faults, except that a power cut loses what was not synced.
  public static let none = DiskFaults()

  /// Faults with rates of zero, to be set one by one.
  public init() {}

  /// Faults with their rates: `[.stall: 0.1, .syncError: 0.001]`.
  public init(dictionaryLiteral rates: (DiskFault, Double)...) {
    for (fault, rate) in rates { self[fault] = rate }
  }

  /// The probability of a fault, per call that it can hit: each write, read, sync, or power cut.
  public subscript(fault: DiskFault) -> Double {
    get { rates[fault.rawValue] }
    set {
      precondition(Self.kinds.contains(fault), "\(fault) has no rate")
      rates[fault.rawValue] = newValue
    }
  }

  /// The faults with a rate above zero.
  public var enabled: [DiskFault] { Self.kinds.filter { self[$0] > 0 } }

  /// Draws which faults there are, each with one chance in two, and how often.
  ///
  /// Errors at random make every long run end the same way. A swarm of runs, each with a few kinds
  /// at rates from one in 10,000 to one in 10, also has runs in which a rare thing can happen
  /// undisturbed.
  public static func swarm(
    using generator: inout SeededGenerator,
    among kinds: [DiskFault] = DiskFaults.kinds
  ) -> DiskFaults {
    var faults = DiskFaults()
    for kind in kinds {
      let isEnabled = generator.chance(0.5)
      let magnitude = generator.number(in: 1...4)
      let rate = (0..<magnitude).reduce(1.0) { rate, _ in rate / 10 }
      if isEnabled { faults[kind] = rate * (1 - 0.9 * generator.fraction() / 2) }
    }
    return faults
  }
}
