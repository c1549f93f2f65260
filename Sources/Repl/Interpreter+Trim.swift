import CorfuGlobalLog

extension Interpreter {
  func fill(_ term: PositionTerm) async throws(ReplError) {
    let position = try await resolved(term)
    let slot = try await ask { log throws(LogError) in try await log.fill(position) }
    let text =
      switch slot {
      case .empty: "position \(position) is still empty"
      case .junk: "position \(position) holds junk: readers skip it"
      case .data: "position \(position) holds an entry already, which stays"
      case .trimmed: "position \(position) is trimmed already"
      }
    try print(Report(lines: [text], json: SlotPrinter.json(position, .slot(slot))))
  }

  func trim(_ term: PositionTerm) async throws(ReplError) {
    let position = try await resolved(term)
    try await askToTrim { log throws(LogError) in try await log.trim(position) }
    try print(
      Report(lines: ["trimmed \(position)"], json: ["trimmed": .whole(position.number)])
    )
  }

  func trim(_ term: RangeTerm) async throws(ReplError) {
    let tail = try await currentTail()
    let range = term.resolved(start: try await session.trimMark(), tail: tail)
    if range.isEmpty {
      throw .refused("there is nothing to trim in \(term): the log ends at \(tail)")
    }
    try await askToTrim { log throws(LogError) in try await log.trim(range) }
    let last = range.upperBound.advanced(by: -1)
    try print(
      Report(
        lines: [range.count == 1 ? "trimmed \(last)" : "trimmed \(range.lowerBound) to \(last)"],
        json: [
          "trimmed": .whole(range.lowerBound.number), "last": .whole(last.number),
        ]
      )
    )
  }

  func trimPrefix(before term: PositionTerm) async throws(ReplError) {
    let mark = try await resolved(term)
    try await askToTrim { log throws(LogError) in try await log.trimPrefix(before: mark) }
    try print(
      Report(
        lines: ["trimmed everything before \(mark)"],
        json: ["trimMark": .whole(mark.number)]
      )
    )
  }

  /// Asks for a trim; one that failed may have reached the head of a chain, and is told as such.
  private func askToTrim(
    _ question: (any SharedLog) async throws(LogError) -> Void
  ) async throws(ReplError) {
    do {
      try await question(session.log)
    } catch {
      let explained = session.explained(error)
      throw error.isDefinite ? explained : .trimUnclear(explained)
    }
  }
}
