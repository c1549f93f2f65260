import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions

// Which names there are, their checkpoints, and what may be forgotten.

extension ObjectPrompt {
  private func names() async throws(ReplError) -> [(name: String, item: Directory.Item)] {
    try await askProgram { program throws(ObjectError) in
      try await program.runtime.directory().read { $0.names }
    }
  }

  func listNames() async throws(ReplError) -> ClusterAnswer {
    let names = try await names()
    let ends = try await askProgram { program throws(ObjectError) in
      try await program.ends(of: names.map(\.item.stream))
    }
    let rows = zip(names, ends.links).map { entry, link in
      let item = entry.item
      let kind =
        item.kind == .stream ? "stream" : ObjectKind(of: item)?.rawValue ?? item.type ?? "object"
      let last = link.previous.map { $0.first.map { Fact.Value.position($0) } ?? .text("none") }
      let isMarked = item.trimMark > item.begin
      let mark =
        item.kind == .stream ? "unwanted before \(item.trimMark)" : "as of \(item.trimMark)"
      return FactTable.Row(
        entry.name,
        [
          Fact("kind", .text(kind)), Fact("stream", .count(Int(item.stream.number))),
          Fact("last entry", last ?? .text("?")),
          Fact("checkpoint", .text(isMarked ? mark : "")),
        ]
      )
    }
    if rows.isEmpty {
      return .told("the log knows no names yet: 'map m put a 1' makes one", [])
    }
    return .table(FactTable(of: "object", rows))
  }

  // MARK: - Checkpoints

  func checkpoint(_ name: String?) async throws(ReplError) -> ClusterAnswer {
    var chosen: [(name: String, kind: ObjectKind)] = []
    var others: [String] = []
    if let name {
      chosen = [(name, try await object(name).1)]
    } else {
      for (name, item) in try await names() where item.kind == .object {
        if let kind = ObjectKind(of: item) {
          chosen.append((name, kind))
        } else {
          others.append(name)
        }
      }
    }
    var lines: [String] = []
    var documents: [JSON] = []
    for (name, kind) in chosen {
      let version = try await checkpoint(name, as: kind.state)
      lines.append("\(name) is written down as of \(version)")
      documents.append(["object": .string(name), "asOf": .whole(version.number)])
    }
    lines += others.map { "\($0) is left: only the program that wrote it knows how" }
    if lines.isEmpty { lines = ["there are no objects to write down"] }
    return .object(ObjectAnswer(Report(lines: lines, json: .array(documents))))
  }

  private func checkpoint<State: PromptedState>(
    _ name: String,
    as type: State.Type
  ) async throws(ReplError) -> Position {
    try await askProgram { program throws(ObjectError) in
      try await program.runtime.checkpoint(program.object(name, of: type))
    }
  }

  /// Has the session in use write checkpoints by itself, or not any more.
  func checkpoint(every count: Int?) throws(ReplError) -> ClusterAnswer {
    let (who, program) = try program()
    guard let count else {
      program.policy.update { $0 = nil }
      return .told("\(who) writes no checkpoints by itself", [Fact("session", .text(who))])
    }
    var policy = CheckpointPolicy()
    policy.entriesMin = count
    // What is forgotten, people say: a prompt is for looking at the log.
    policy.trims = false
    program.policy.update { [policy] in $0 = policy }
    let positions = Numbers.count(count, "position", "positions")
    return .told(
      "\(who) writes down what it has open whenever the log has grown by \(positions); "
        + "'checkpoint off' ends that",
      [Fact("session", .text(who)), Fact("every", .count(count))]
    )
  }

  /// Does what the policy of the session in use says is due, as a program would in the background.
  ///
  /// - Returns: What was done, in words; nothing, if nothing was due.
  func keepUp() async -> [String] {
    // Whoever has ended does nothing more.
    guard let policy = try? program().program.policy.value else { return [] }
    do throws(ReplError) {
      let written = try await askAside { program throws(ObjectError) in
        try await program.runtime.keepUp(policy)
      }
      return written.map { name, version in
        "by itself: \(name.isEmpty ? "the directory" : name) is written down as of \(version)"
      }
    } catch {
      return ["by itself: no checkpoint was written: \(error)"]
    }
  }

  /// Forgets all that nobody can want any more, and tells what is in the way of more.
  func forget() async throws(ReplError) -> ClusterAnswer {
    let names = try await names()
    if names.isEmpty {
      throw .refused(
        "there are no objects, and so nobody can say what is not wanted any more: "
          + "'trim before POSITION' decides it"
      )
    }
    let before = try await trimMark()
    let mark = try await askProgram { program throws(ObjectError) in
      try await program.runtime.trim()
    }
    if mark > before {
      return .told(
        "everything before \(mark) is forgotten, also entries that are no object's: what the "
          + "objects had is in their checkpoints",
        [Fact("mark", .position(mark))]
      )
    }
    let first = try await self.names().min { $0.item.trimMark < $1.item.trimMark }
    let holder = first.map { name, item in
      item.kind == .stream
        ? "the stream \(name) may be wanted: 'stream \(name) trim before POSITION' says from where"
        : "\(name) has no newer checkpoint: 'checkpoint \(name)' writes one"
    }
    throw .refused("nothing more can be forgotten: \(holder ?? "somebody reads as of \(mark)")")
  }
}
