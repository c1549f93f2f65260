// Exercise 3.3: ask the tail; where it has nothing, look at the head and finish what stands there
// Write the body below, then: swift run course check 3.3
import CorfuChecks
public import CorfuGlobalLog
public import CorfuStripeMirror

/// Asks the tail; what only the head has is finished first.
///
/// (TOCS 2013, 3.2; rules R18 and R20.)
public struct ChainReader: ChainReading {
  /// A reader.
  public init() {}

  public func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    TODO("3.3 ask the tail; where it has nothing, look at the head and finish what stands there")
  }

  private func ask(
    _ replica: some Replica,
    _ positions: [Position]
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    do {
      return try await replica.read(positions)
    } catch {
      throw .replica(error)
    }
  }

  /// Carries what the head has to the tail: values, and trims.
  ///
  /// - Parameters:
  ///   - halves: Indexes of what only the head is known to have.
  ///   - positions: The positions that were asked for.
  ///   - slots: What was found there; corrected where the tail is told something else.
  ///   - chain: The replicas, head first.
  ///   - writer: Writes down the chain.
  /// - Throws: ``ChainError``, as reading does.
  private func finish(
    _ halves: [Int],
    of positions: [Position],
    _ slots: inout [Result<Slot, LogError>],
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) {
    var values: [PlacedValue] = []
    var places: [Int] = []
    var trims = halves.filter { slots[$0] == .success(.trimmed) }
    for index in halves {
      guard case .success(let value) = slots[index], value != .trimmed else { continue }
      values.append(PlacedValue(value, at: positions[index]))
      places.append(index)
    }
    let outcomes = values.isEmpty ? [] : await writer.write(values, to: chain)
    for (index, outcome) in zip(places, outcomes) {
      switch outcome {
      case .complete: break
      case .trimmed: trims.append(index)
      case .lost, .inconsistent: throw .inconsistent(positions[index])
      case .failed(.log(_, let error), _) where error.isDamage: slots[index] = .failure(error)
      case .failed(let error, _): throw .replica(error)
      }
    }
    if trims.isEmpty { return }
    // Only a trim that has come to the tail is one. If the head alone knew of it and was lost, the
    // position would be empty again, and could get another value.
    try await ChainTrimmer().trim(trims.map { positions[$0] }, on: chain)
    for index in trims { slots[index] = .success(.trimmed) }
  }
}
