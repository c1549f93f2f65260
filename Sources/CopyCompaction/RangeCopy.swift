public import CorfuGlobalLog

/// The positions of a range that one chain has: every one, or one in so many (rotation is absolute,
/// R30).
public struct CopyRange: Hashable, Sendable {
  /// From where to where.
  public var positions: Range<Position>
  /// How many chains share the range.
  public var stripes: Int
  /// Which of them: the positions whose number leaves this remainder.
  public var stripe: Int

  /// The positions of one chain.
  public init(_ positions: Range<Position>, stripe: Int = 0, of stripes: Int = 1) {
    precondition(stripes > 0 && (0..<stripes).contains(stripe), "a stripe of those there are")
    self.positions = positions
    self.stripes = stripes
    self.stripe = stripe
  }

  /// The first so many positions at or behind one.
  func prefix(_ count: Int, from position: Position) -> [Position] {
    let begin = max(position, positions.lowerBound).number
    let gap = (UInt64(stripe) + UInt64(stripes) - begin % UInt64(stripes)) % UInt64(stripes)
    let numbers = stride(from: begin + gap, to: positions.upperBound.number, by: stripes)
    return numbers.prefix(count).map { Position($0) }
  }
}

/// Why a range could not be copied.
public enum RangeCopyError: Error, Hashable, Sendable {
  /// The source cannot say what stands at a position: to go on would make a hole of it (D7).
  case unreadable(Position, LogError)
  /// Nothing stands at a position: fill it first, or a late write would make the two differ (R28).
  case hole(Position)
  /// The two hold different values for a position, which only a mistake can bring about.
  case conflict(Position)
  /// What was written at the target is not what is read there.
  case notCopied(Position)
  /// The source gave no answer.
  case source(LogError)
  /// The target gave no answer.
  case target(LogError)
}

extension RangeCopyError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let position, let error): "position \(position) cannot be copied: \(error)"
    case .hole(let position): "position \(position) is empty: fill it, then copy again"
    case .conflict(let position): "position \(position) holds another value at the target"
    case .notCopied(let position):
      "position \(position) was copied, and reads otherwise at the target"
    case .source(let error): "the source: \(error)"
    case .target(let error): "the target: \(error)"
    }
  }
}

/// Copies all slots of a range from one unit to another: data, junk and trims (R28).
///
/// Each step reads some positions, writes them, and reads them back. It may be stopped between any
/// two steps and gone on with, by another process too: what stands at the target already is
/// compared, not written again.
///
/// ```swift
/// var copy = RangeCopy(of: CopyRange(range), from: source, to: target)
/// while try await copy.step() {}
/// try await copy.copyLateTrims()  // once nobody trims any more
/// ```
public struct RangeCopy<Source: CopySource, Target: CopyTarget, Trims: TrimSet>: Sendable {
  /// What is copied.
  public let range: CopyRange
  /// Everything before it is copied.
  public private(set) var next: Position
  /// How many values were copied, or found at the target already.
  public private(set) var values = 0
  /// How many bytes of payload they have.
  public private(set) var bytes = 0

  /// From where.
  public let source: Source
  /// To where.
  public let target: Target
  private let slotsPerStep: Int

  /// A copy.
  ///
  /// - Parameters:
  ///   - range: What to copy.
  ///   - source: From where.
  ///   - target: To where.
  ///   - trims: What gathers the trims of a step.
  ///   - next: Where to go on; by default at the beginning.
  ///   - slotsPerStep: How many positions one step copies.
  public init(
    of range: CopyRange,
    from source: Source,
    to target: Target,
    gatheringIn trims: Trims.Type = PositionSet.self,
    next: Position? = nil,
    slotsPerStep: Int = 256
  ) {
    precondition(slotsPerStep > 0, "a step copies something")
    self.range = range
    self.source = source
    self.target = target
    self.next = next ?? range.positions.lowerBound
    self.slotsPerStep = slotsPerStep
  }

  /// Copies the next positions.
  ///
  /// - Returns: Whether there are more.
  /// - Throws: ``RangeCopyError``; the same step can be tried again.
  public mutating func step() async throws(RangeCopyError) -> Bool {
    let positions = range.prefix(slotsPerStep, from: next)
    guard let last = positions.last else {
      next = range.positions.upperBound
      return false
    }
    let slots = try await slots(at: positions)
    try await write(slots)
    try await trim(slots)
    try await compare(slots)
    for case .data(let entry) in slots.map(\.value) { bytes += entry.payload.count }
    values += slots.count
    next = last.advanced(by: 1)
    return next < range.positions.upperBound
  }

  /// Copies the trims that were made at the source since the copy began.
  ///
  /// The last thing to do, when nobody trims at the source any more: in a cluster, under the seal.
  public func copyLateTrims() async throws(RangeCopyError) {
    precondition(next == range.positions.upperBound, "first all slots, then the trims")
    if planted(.rangeCopyForgetsTrims) { return }
    let range = range.positions
    let trims = try await ask(RangeCopyError.source) { () throws(LogError) in
      try await source.trims(in: range)
    }
    try await ask(RangeCopyError.target) { () throws(LogError) in try await target.trim(trims) }
    var missing = PositionSet(trims)
    missing.remove(
      contentsOf: try await ask(RangeCopyError.target) { () throws(LogError) in
        try await target.trims(in: range)
      }
    )
    if let first = missing.ranges.first { throw .notCopied(first.lowerBound) }
  }

  /// What the source holds.
  private func slots(at positions: [Position]) async throws(RangeCopyError) -> [PlacedValue] {
    let results = try await ask(RangeCopyError.source) { () throws(LogError) in
      try await source.read(positions)
    }
    var slots: [PlacedValue] = []
    for (position, result) in zip(positions, results) {
      switch result {
      case .success(.empty):
        if !planted(.copiesOverHoles) { throw .hole(position) }
      case .success(let slot): slots.append(PlacedValue(slot, at: position))
      case .failure(let error): throw .unreadable(position, error)
      }
    }
    return slots
  }

  private func write(_ slots: [PlacedValue]) async throws(RangeCopyError) {
    let values = slots.filter { $0.value != .trimmed && !isSkipped($0.value) }
    guard !values.isEmpty else { return }
    let answers = try await ask(RangeCopyError.target) { () throws(LogError) in
      try await target.write(values)
    }
    for (value, answer) in zip(values, answers) {
      switch answer {
      case .written, .taken(.trimmed): break
      case .taken(let slot) where slot == value.value: break
      case .taken: throw .conflict(value.position)
      case .refused(let error): throw .target(error)
      }
    }
  }

  private func isSkipped(_ slot: Slot) -> Bool {
    slot == .junk && planted(.rangeCopySkipsJunk)
  }

  private func trim(_ slots: [PlacedValue]) async throws(RangeCopyError) {
    var trims = Trims()
    for slot in slots where slot.value == .trimmed {
      trims.insert(slot.position..<slot.position.advanced(by: 1))
    }
    guard !trims.ranges.isEmpty else { return }
    try await ask(RangeCopyError.target) { [trims] () throws(LogError) in
      try await target.trim(trims.ranges)
    }
  }

  /// Reads back what was written: only what can be read was copied.
  private func compare(_ slots: [PlacedValue]) async throws(RangeCopyError) {
    if planted(.rangeCopyTrustsTarget) { return }
    let results = try await ask(RangeCopyError.target) { () throws(LogError) in
      try await target.read(slots.map(\.position))
    }
    for (slot, result) in zip(slots, results) where !isSkipped(slot.value) {
      // Somebody may have trimmed at the target meanwhile; nothing else may differ.
      guard result == .success(slot.value) || result == .success(.trimmed) else {
        throw .notCopied(slot.position)
      }
    }
  }

  private func ask<Value: Sendable>(
    _ whose: (LogError) -> RangeCopyError,
    _ body: () async throws(LogError) -> Value
  ) async throws(RangeCopyError) -> Value {
    do {
      return try await body()
    } catch {
      throw whose(error)
    }
  }
}
