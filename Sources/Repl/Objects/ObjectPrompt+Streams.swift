import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions

// Streams of plain entries.

extension ObjectPrompt {
  func perform(
    _ action: ObjectCommand.StreamAction,
    on names: [String]
  ) async throws(ReplError) -> ClusterAnswer {
    switch action {
    case .append(let payload): return try await append(payload, to: names)
    case .read, .tail, .trim: break
    }
    guard let name = names.first, try await isStream(name) else {
      throw .refused(
        "there is no stream '\(names.joined(separator: ","))': the first entry makes one"
      )
    }
    switch action {
    case .append, .read(nil): return .entries(try await entries(of: name, from: .zero))
    case .read(let term?):
      return .entries(try await entries(of: name, from: try await position(term)))
    case .tail: return try await end(of: name)
    case .trim(let term):
      let mark = try await position(term)
      try await askProgram { program throws(ObjectError) in
        try await program.stream(name).trim(before: mark)
      }
      return .told(
        "nobody wants what \(name) has before \(mark): 'trim' forgets it once nobody wants what "
          + "stands between, either",
        [Fact("stream", .text(name)), Fact("mark", .position(mark))]
      )
    }
  }

  /// The position that is meant.
  func position(_ term: PositionTerm) async throws(ReplError) -> Position {
    if case .number(let position) = term { return position }
    do throws(LogError) {
      return term.resolved(tail: try await log.tail())
    } catch {
      throw explained(error)
    }
  }

  /// Whether there is a stream of this name; an object of this name is an error.
  private func isStream(_ name: String) async throws(ReplError) -> Bool {
    guard let item = try await item(name) else { return false }
    if item.kind == .stream { return true }
    let kind = ObjectKind(of: item)?.rawValue ?? item.type ?? "thing"
    throw .refused("'\(name)' is a \(kind), and no stream")
  }

  private func append(
    _ payload: [UInt8],
    to names: [String]
  ) async throws(ReplError) -> ClusterAnswer {
    for name in names { _ = try await isStream(name) }
    let (who, program) = try program()
    if let transaction = program.open.value?.transaction {
      try await askProgram { program throws(ObjectError) in
        for name in names { transaction.append(payload, to: try await program.stream(name)) }
      }
      let words = "an entry in \(names.joined(separator: " and "))"
      program.note(write: words)
      return .told("\(words), once \(who) commits", [Fact("pending", .text("yes"))])
    }
    let position = try await askProgram { program throws(ObjectError) in
      var streams: [LogStream<Prompted>] = []
      for name in names { streams.append(try await program.stream(name)) }
      return try await program.runtime.append(payload, to: streams)
    }
    let place = names.count == 1 ? "" : ", one entry in \(names.joined(separator: " and "))"
    return .told(
      "appended at \(position)\(place)",
      [Fact("position", .position(position)), Fact("streams", .text(names.joined(separator: ",")))]
    )
  }

  private func entries(
    of name: String,
    from begin: Position
  ) async throws(ReplError) -> [LogItem] {
    try await askProgram { program throws(ObjectError) in
      try await program.stream(name).read(from: begin)
    }
  }

  private func end(of name: String) async throws(ReplError) -> ClusterAnswer {
    let ends = try await askProgram { program throws(ObjectError) in
      let stream = try await program.stream(name).stream
      return try await program.ends(of: [stream])
    }
    let tail = ends.snapshot.position
    guard let last = ends.links.first?.previous else {
      return .told(
        "the sequencer does not know where \(name) ends: whoever reads it looks for that, back "
          + "from \(tail)",
        [Fact("tail", .position(tail))]
      )
    }
    guard let newest = last.first else {
      return .told("\(name) has no entry yet", [Fact("tail", .position(tail))])
    }
    let list = last.map(\.description).joined(separator: ", ")
    return .told(
      "\(name) ends at \(newest); its next entry will point back at \(list)",
      [
        Fact("last", .position(newest)), Fact("points back at", .text(list)),
        Fact("tail", .position(tail)),
      ]
    )
  }
}

extension PromptedProgram {
  /// Where streams end now.
  func ends(of streams: [StreamID]) async throws(ObjectError) -> StreamEnds {
    do {
      return try await runtime.log.ends(of: streams)
    } catch {
      throw .log(error)
    }
  }
}
