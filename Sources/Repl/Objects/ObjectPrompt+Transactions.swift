import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions

// Sessions and their transactions: several programs, each with its own copies of the objects, that
// one person at one prompt can be in turn.

extension ObjectPrompt {
  func session(_ name: String?) throws(ReplError) -> ClusterAnswer {
    guard let name else { return .table(sessions()) }
    try goOn(as: name)
    let open = try program().program.open.value
    let what = open.map { ", in a transaction as of \($0.transaction.snapshot.position)" } ?? ""
    return .told("you are \(name) now\(what)", [Fact("session", .text(name))])
  }

  private func sessions() -> FactTable {
    let current = nameInUse
    let rows = programs.map { name, program in
      let open = program.open.value
      return FactTable.Row(
        name,
        [
          Fact("in use", .text(name == current ? "yes" : "")),
          Fact("played to", .position(program.runtime.seen.position)),
          Fact(
            "transaction",
            .text(open.map { "as of \($0.transaction.snapshot.position)" } ?? "")
          ),
          Fact("has read", .text(open?.shownReads ?? "")),
          Fact("will write", .text(open?.writes.joined(separator: "; ") ?? "")),
        ]
      )
    }
    return FactTable(of: "session", rows)
  }

  // MARK: - Transactions

  func begin(_ name: String?) async throws(ReplError) -> ClusterAnswer {
    if let name { try goOn(as: name) }
    let (who, program) = try program()
    if let open = program.open.value {
      throw .refused(
        "\(who) is in a transaction already, as of \(open.transaction.snapshot.position): "
          + "'commit' or 'rollback' ends it"
      )
    }
    let transaction = try await askProgram { program throws(ObjectError) in
      // A directory that is open is played with all else, so that names need no other look.
      _ = try await program.runtime.directory()
      return try await program.runtime.begin()
    }
    program.open.update { $0 = Program.Open(transaction: transaction) }
    let snapshot = transaction.snapshot
    return .told(
      "\(who) sees the log as of \(snapshot.position) until 'commit' or 'rollback'",
      [
        Fact("session", .text(who)), Fact("as of", .position(snapshot.position)),
        Fact("epoch", .count(Int(snapshot.epoch.number))),
      ]
    )
  }

  /// Ends the session's transaction here, whatever becomes of it.
  private func takeTransaction() throws(ReplError) -> (who: String, open: Program.Open) {
    let (who, program) = try program()
    let open = program.open.update { open in
      defer { open = nil }
      return open
    }
    guard let open else {
      throw .refused("\(who) is in no transaction: 'begin' begins one")
    }
    return (who, open)
  }

  func rollback() throws(ReplError) -> ClusterAnswer {
    let (who, open) = try takeTransaction()
    try program().program.runtime.rollback(open.transaction)
    return .told("rolled back: nothing of it is in the log", [Fact("session", .text(who))])
  }

  func commit() async throws(ReplError) -> ClusterAnswer {
    let (who, open) = try takeTransaction()
    let result = try await resultOfProgram { program throws(ObjectError) in
      try await program.runtime.commit(open.transaction)
    }
    switch result {
    case .success(let position?):
      return .told(
        "committed at \(position): \(open.writes.joined(separator: "; "))",
        [Fact("session", .text(who)), Fact("position", .position(position))]
      )
    case .success(nil):
      return .told(
        "committed: it wrote nothing, so nothing is in the log",
        [Fact("session", .text(who))]
      )
    case .failure(.aborted(let reason)):
      let why = try await words(for: reason, of: open)
      throw .refused(
        "\(who)'s transaction is off, and nothing of it is in the log: \(why)"
      )
    case .failure(let error): throw explained(error)
    }
  }

  /// Why a transaction is off, with the names that people know.
  private func words(
    for reason: AbortReason,
    of open: Program.Open
  ) async throws(ReplError) -> String {
    if reason == .lost {
      return "the sequencer that was asked for its position fell silent, or somebody filled that "
        + "position before it was written"
    }
    guard case .conflict(let stream, let key, let position) = reason else { return "\(reason)" }
    let (name, author) = try await askAside { program throws(ObjectError) in
      let directory = try await program.runtime.directory()
      let name = try directory.peek { $0.names.first { $0.item.stream == stream }?.name }
      return (name ?? "stream \(stream)", await program.runtime.author(at: position))
    }
    let who = author.map { clientNames[$0] ?? "\($0)" } ?? "somebody"
    guard let key else {
      return "it read \(name), which \(who) changed at \(position)"
    }
    let read = open.reads.first { $0.object == name && $0.key == key }
    let now = Program.Read.word(key, .at(position))
    guard let read else { return "it read all of \(name), and \(who) has written \(now) since" }
    let before = Program.Read.word(key, read.version ?? .nowhere)
    return "it read \(before) of \(name), and \(who) has written \(now) since"
  }
}

extension Runtime {
  /// Who wrote the entry at a position; `nil` if nobody can say any more.
  fileprivate func author(at position: Position) async -> ClientID? {
    // It is only a name in a sentence.
    guard case .data(let entry)? = try? await log.settle(position) else { return nil }
    return entry.mark.client
  }
}
