import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuTransactions

// What programs keep in the log: streams, objects, their past, and what may be forgotten of it.

extension ObjectPrompt {
  func perform(_ command: ObjectCommand) async throws(ReplError) -> ClusterAnswer {
    guard hasObjects else {
      throw .refused("there are no objects in stage \(stage): --stage 7 has some")
    }
    let answer = try await self.answer(to: command)
    guard command.isGrowth else { return answer }
    return answer.adding(await keepUp())
  }

  private func answer(to command: ObjectCommand) async throws(ReplError) -> ClusterAnswer {
    switch command {
    case .stream(let names, let action): return try await perform(action, on: names)
    case .read(let kind, let name, let question):
      return try await read(question, of: name, as: kind.state)
    case .readThen(let term, let kind, let name, let question):
      return try await read(question, of: name, as: kind.state, at: term)
    case .update(let kind, let name, let wish):
      return try await update(name, wish, as: kind.state)
    case .changes(let name, let key):
      let (_, kind) = try await object(name)
      return try await changes(of: name, key, as: kind.state)
    case .begin(let name): return try await begin(name)
    case .commit: return try await commit()
    case .rollback: return try rollback()
    case .session(let name): return try session(name)
    case .checkpoint(let name): return try await checkpoint(name)
    case .checkpointEvery(let count): return try checkpoint(every: count)
    case .trim: return try await forget()
    case .list: return try await listNames()
    }
  }

  // MARK: - Asking

  /// Has the session in use do something with objects, until that is done or its client dead.
  func askProgram<Value: Sendable>(
    _ body: @escaping @Sendable (Program) async throws(ObjectError) -> Value
  ) async throws(ReplError) -> Value {
    switch try await resultOfProgram(body) {
    case .success(let value): return value
    case .failure(let error): throw explained(error)
    }
  }

  /// The same, for somebody who explains errors.
  func resultOfProgram<Value: Sendable>(
    _ body: @escaping @Sendable (Program) async throws(ObjectError) -> Value
  ) async throws(ReplError) -> Result<Value, ObjectError> {
    let (who, program) = try program()
    let result = try await untilEnd(of: who) { () -> Result<Value, ObjectError> in
      do throws(ObjectError) {
        return .success(try await body(program))
      } catch {
        return .failure(error)
      }
    }
    guard let result else { throw explained(.closed) }
    return result
  }

  /// Looks something up for people's sake: not among the messages that a command takes.
  func askAside<Value: Sendable>(
    _ body: @escaping @Sendable (Program) async throws(ObjectError) -> Value
  ) async throws(ReplError) -> Value {
    let isOn = drawsMessages
    drawsMessages = false
    defer { drawsMessages = isOn }
    return try await askProgram(body)
  }

  func explained(_ error: ObjectError) -> ReplError {
    switch error {
    case .log(.lost(let position)):
      .refused(
        "what stood at \(position) was given up with its disks, and may be needed here: a session "
          + "that has played it can save what it knows by 'checkpoint all'; if nobody needs it, "
          + "'trim \(position)'"
      )
    case .log(.cut(let position)):
      .refused(
        "the log was cut at \(position): what this session has played from there on is lost, with "
          + "the disks that were given up; the next command begins with what the log has"
      )
    case .log(let error): explained(error)
    case .aborted, .trimmed, .undecodable, .unencodable, .otherType, .badName:
      .refused(error.description)
    }
  }

  /// What the directory has under a name.
  func item(_ name: String) async throws(ReplError) -> Directory.Item? {
    try await askProgram { program throws(ObjectError) in try await program.item(name) }
  }

  /// An object that is there, and its kind.
  func object(_ name: String) async throws(ReplError) -> (Directory.Item, ObjectKind) {
    guard let item = try await item(name) else {
      throw .refused("there is no object '\(name)': 'objects' lists all names")
    }
    if item.kind == .stream {
      throw .refused("'\(name)' is a stream: 'stream \(name) read' shows what is in it")
    }
    guard let kind = ObjectKind(of: item) else {
      throw .refused(
        "'\(name)' is a \(item.type ?? "thing") of another program: only that knows it"
      )
    }
    return (item, kind)
  }

  /// Whether there is an object of this name and kind; another kind of this name is an error.
  func isThere(_ name: String, as kind: ObjectKind) async throws(ReplError) -> Bool {
    guard try await item(name) != nil else { return false }
    let found = try await object(name).1
    if found == kind { return true }
    throw .refused("'\(name)' is a \(found.rawValue): say '\(found.rawValue) \(name) …'")
  }

  // MARK: - Objects

  private func read<State: PromptedState>(
    _ question: ObjectQuestion,
    of name: String,
    as type: State.Type,
    at term: PositionTerm? = nil
  ) async throws(ReplError) -> ClusterAnswer {
    let (who, program) = try program()
    guard try await isThere(name, as: State.kind) else {
      throw .refused(
        "there is no \(State.kind.rawValue) '\(name)': the first change makes one"
      )
    }
    if let term {
      let state = try await state(of: name, as: type, at: try await position(term))
      return .object(ObjectAnswer(state.answer(to: question)))
    }
    let keys = State.keys(for: question)
    guard let transaction = program.open.value?.transaction else {
      let report = try await askProgram { program throws(ObjectError) in
        let object = try await program.object(name, of: type)
        return try await object.read { $0.answer(to: question) }
      }
      return .object(ObjectAnswer(report))
    }
    let key = keys?.first
    var (report, isOwn) = try await askProgram { program throws(ObjectError) in
      let object = try await program.object(name, of: type)
      let report = try transaction.read(object, keys: keys) { $0.answer(to: question) }
      return (report, key.map { transaction.writes($0, of: object) } ?? false)
    }
    let version = try await askAside { program throws(ObjectError) -> LastWrite? in
      guard let key else { return nil }
      let object = try await program.object(name, of: type)
      return try await object.lastWrite(of: key, before: transaction.snapshot.position)
    }
    program.note(Program.Read(object: name, key: key, version: version))
    if let key, let version, let first = report.lines.first {
      report.raw = report.raw ?? report.lines
      let word = Program.Read.word(key, version)
      report.lines[0] = "\(first)  (\(isOwn ? "\(who)'s own, over " : "")\(word))"
    }
    return .object(ObjectAnswer(report))
  }

  /// What an object was; if that is forgotten, it says from where on it is not.
  private func state<State: PromptedState>(
    of name: String,
    as type: State.Type,
    at position: Position
  ) async throws(ReplError) -> State {
    let result = try await resultOfProgram { program throws(ObjectError) in
      try await program.object(name, of: type).state(at: position)
    }
    switch result {
    case .success(let state): return state
    case .failure(.trimmed):
      let oldest = try await askAside { program throws(ObjectError) in
        try await program.object(name, of: type).oldestPosition()
      }
      throw .refused(
        "what '\(name)' was at \(position) is forgotten: the oldest position to look at is "
          + "\(oldest)"
      )
    case .failure(let error): throw explained(error)
    }
  }

  private func update<State: PromptedState>(
    _ name: String,
    _ wish: ObjectChangeWish,
    as type: State.Type
  ) async throws(ReplError) -> ClusterAnswer {
    guard let update = State.update(for: wish) else {
      throw .refused("a \(State.kind.rawValue) cannot do that")
    }
    let (who, program) = try program()
    _ = try await isThere(name, as: State.kind)
    if let transaction = program.open.value?.transaction {
      let told = try await askProgram { program throws(ObjectError) -> ObjectTold? in
        let object = try await program.object(name, of: type)
        if State.depends(update) {
          return State.told(try transaction.outcome(of: update, on: object), of: update)
        }
        try transaction.update(object, update)
        return nil
      }
      if State.depends(update) {
        program.note(Program.Read(object: name, key: nil, version: nil))
      }
      program.note(write: "\(name): \(State.words(for: update))")
      let text = told?.text ?? State.words(for: update)
      return .object(
        ObjectAnswer(
          Report(
            lines: ["\(text), once \(who) commits"],
            json: ["object": .string(name), "pending": .bool(true), "outcome": told?.json ?? .null]
          )
        )
      )
    }
    let (position, told) = try await askProgram { program throws(ObjectError) in
      let object = try await program.object(name, of: type)
      let placed = try await object.place(update)
      return (placed.position, State.told(placed.outcome, of: update))
    }
    return .object(
      ObjectAnswer(
        Report(
          lines: ["\(told.text)  (at \(position))"],
          json: [
            "object": .string(name), "position": .whole(position.number), "outcome": told.json,
          ],
          raw: [told.raw]
        )
      )
    )
  }

  private func changes<State: PromptedState>(
    of name: String,
    _ key: LogKey?,
    as type: State.Type
  ) async throws(ReplError) -> ClusterAnswer {
    let names = clientNames
    let report = try await askProgram { program throws(ObjectError) -> Report in
      let object = try await program.object(name, of: type)
      var table = Table(columns: [
        .init("position", isNumeric: true), .init("by"), .init("what"), .init("then"),
      ])
      // The same without anything left out.
      var raw = table
      var documents: [JSON] = []
      try await object.replay { change in
        let own = change.updates.filter { update in
          guard let key, let written = State.keys(writtenBy: update) else { return true }
          return written.contains(key)
        }
        if own.isEmpty { return }
        let what = own.map { State.words(for: $0) }.joined(separator: ", ")
        let standing = change.state.standing(of: key)
        let author = names[change.client] ?? change.client.description
        let whole = own.map { State.words(for: $0, width: nil) }.joined(separator: ", ")
        table.rows.append([change.position.description, author, what, standing.text])
        raw.rows.append([change.position.description, author, whole, standing.raw])
        documents.append([
          "position": .whole(change.position.number), "by": .string(author),
          "what": .string(whole), "then": standing.json,
        ])
      }
      let what = key.map { ObjectTold.word($0) + " of \(name)" } ?? name
      var report = Report(table: table, json: .array(documents))
      report.raw = raw.tabbed()
      if table.rows.isEmpty {
        report.table = nil
        report.lines = ["nothing has changed \(what), as far back as the log goes"]
      }
      return report
    }
    return .object(ObjectAnswer(report))
  }
}
