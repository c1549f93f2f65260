internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer

// Names, and what they stand for.

extension Runtime {
  /// The directory of all names, as an object.
  public func directory() async throws(ObjectError) -> ReplicatedObject<Log, Directory> {
    while true {
      let names = namesLost
      if let open = try await open(Directory.item, of: Directory.self, since: names) {
        return ReplicatedObject(named: "", open, in: self, since: names)
      }
    }
  }

  /// Opens an object, and makes it if the name is new; it has one type, the same everywhere.
  ///
  /// Opening plays it: from its newest checkpoint, or from its first update. From then on it
  /// advances with all others.
  ///
  /// - Parameters:
  ///   - name: Its name: 1 to 255 bytes.
  ///   - type: What it is; the same everywhere.
  /// - Returns: The object.
  /// - Throws: ``ObjectError``.
  public func object<State: ReplicatedState>(
    _ name: String,
    of type: State.Type = State.self
  ) async throws(ObjectError) -> ReplicatedObject<Log, State> {
    while true {
      let names = namesLost
      let item = try await enter(name, as: .object, type: State.typeName)
      if let open = try await open(item, named: name, of: type, since: names) {
        return ReplicatedObject(named: name, open, in: self, since: names)
      }
    }
  }

  /// Opens a stream of plain entries, and makes it if the name is new.
  ///
  /// - Parameter name: Its name: 1 to 255 bytes.
  /// - Returns: The stream.
  /// - Throws: ``ObjectError``.
  public func stream(_ name: String) async throws(ObjectError) -> LogStream<Log> {
    let names = namesLost
    let item = try await enter(name, as: .stream, type: nil)
    return LogStream(name: name, item: item, runtime: self, namesLost: names)
  }

  /// Closes an object here: it is played no more, and who reads it is told so.
  ///
  /// In the log it stays as it is. The directory stays open: it tells all others what was trimmed.
  public func close(_ object: ReplicatedObject<Log, some ReplicatedState>) async {
    if object.stream == Directory.item.stream { return }
    await playing.take()
    defer { playing.end() }
    object.cell.fail(.log(.closed))
    access { state in
      // Somebody may have opened it anew.
      if state.objects[object.cell.stream] === object.cell { state.objects[object.stream] = nil }
    }
  }

  private func enter(
    _ name: String,
    as kind: Directory.Kind,
    type: String?
  ) async throws(ObjectError) -> Directory.Item {
    guard !name.isEmpty, name.utf8.count <= Directory.nameBytesMax else { throw .badName(name) }
    let directory = try await directory()
    var item = try directory.peek { $0[name] }
    if item == nil {
      // Somebody else may have entered it meanwhile: the outcome tells.
      let begin = seen.position.number
      item = try await directory.outcome(of: .enter(name: name, kind: kind, type: type, at: begin))
    }
    guard let item, item.kind == kind else { throw .badName(name) }
    // Updates of another type may look like its own, and would stay in the log.
    if item.type != type { throw .otherType(name) }
    return item
  }

  /// What is open under a name, and can be read.
  ///
  /// - Returns: It; `nil` if it has to be opened.
  /// - Throws: ``ObjectError/otherType(_:)``.
  private func working<State: ReplicatedState>(
    _ item: Directory.Item,
    named name: String
  ) throws(ObjectError) -> ObjectCell<State>? {
    guard let open = access({ $0.objects[item.stream] }), !open.hasFailed else { return nil }
    guard let cell = open as? ObjectCell<State> else { throw .otherType(name) }
    return cell
  }

  /// Opens what a name stands for.
  ///
  /// - Parameters:
  ///   - item: What the directory knows of the name.
  ///   - name: The name.
  ///   - type: What it is.
  ///   - names: How often names had been lost when the directory was asked.
  /// - Returns: It; `nil` if names were lost since, and it may stand for something else now (R24).
  /// - Throws: ``ObjectError``.
  private func open<State: ReplicatedState>(
    _ item: Directory.Item,
    named name: String = "",
    of type: State.Type,
    since names: Int
  ) async throws(ObjectError) -> ObjectCell<State>? {
    if names != namesLost { return nil }
    if let cell: ObjectCell<State> = try working(item, named: name) { return cell }
    await playing.take()
    defer { playing.end() }
    // Whoever played meanwhile may have heard of it; nobody else does until this has played.
    if names != namesLost { return nil }
    if let cell: ObjectCell<State> = try working(item, named: name) { return cell }
    let reign = log.knownEpoch
    let restored = try await newestCheckpoint(of: item, as: type)
    let cell = ObjectCell(
      named: name,
      item,
      state: restored?.state ?? State(),
      version: restored?.version ?? item.begin,
      reign: restored == nil ? .zero : reign
    )
    try await playToEnd(besides: cell)
    do throws(ObjectError) {
      _ = try cell.state()
    } catch {
      // A directory that has failed stays, so that nobody goes on as if there were no trims.
      access { if item.stream != Directory.item.stream { $0.objects[item.stream] = nil } }
      throw error
    }
    return cell
  }
}
