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
    try await ask { log throws(LogError) in try await log.trim(position) }
    try print(
      Report(lines: ["trimmed \(position)"], json: ["trimmed": .whole(position.number)])
    )
  }

  func trimPrefix(before term: PositionTerm) async throws(ReplError) {
    let mark = try await resolved(term)
    try await ask { log throws(LogError) in try await log.trimPrefix(before: mark) }
    try print(
      Report(
        lines: ["trimmed everything before \(mark)"],
        json: ["trimMark": .whole(mark.number)]
      )
    )
  }
}
