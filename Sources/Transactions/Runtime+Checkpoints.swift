internal import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

// Checkpoints: an object as it was at one moment, in pieces, so that whoever opens it need not play
// what came before, and that may be forgotten.
//
// A checkpoint is a run of entries in a stream of its own, and counts if all of them are there
// (R38). Nobody is in the way of anybody: it is written from a copy, while the object goes on.

extension Runtime {
  /// Writes down what an object is now, in the log.
  ///
  /// Behind a loss the directory is written down as well, as nobody could open anything without it.
  ///
  /// - Returns: Everything before it is in the checkpoint.
  /// - Throws: ``ObjectError``; what was written in part counts for nothing.
  @discardableResult
  public func checkpoint<State: ReplicatedState>(
    _ object: ReplicatedObject<Log, State>
  ) async throws(ObjectError) -> Position {
    let version = try await writeCheckpoint(of: object.cell)
    try await saveDirectory()
    return version
  }

  /// Writes down what all objects are that are open here, the directory among them.
  ///
  /// - Parameter entriesMin: Only those with so many positions behind their newest checkpoint,
  ///   whoever wrote that.
  /// - Returns: Which, and what is in each: everything before a position.
  /// - Throws: ``ObjectError``; those before it in the order of their streams are written.
  @discardableResult
  public func checkpointAll(
    entriesMin: Int = 0
  ) async throws(ObjectError) -> [(name: String, version: Position)] {
    let (objects, own, end) = access { ($0.objects, $0.marks, $0.seen.position) }
    // One that has failed tells nothing; then only what is known here counts.
    let directory = try? (objects[Directory.item.stream] as? ObjectCell<Directory>)?.state()
    var written: [(name: String, version: Position)] = []
    for (stream, object) in objects.sorted(by: { $0.key < $1.key }) {
      // The newest that is known here: one written here, one that the object began from, or one
      // that anybody wrote, as the directory tells. Behind a cut none may be left.
      let others = directory?[object.name]?.trimMark ?? object.item.begin
      let mark = min(end, max(own[stream] ?? others, others, object.base))
      if mark.distance(to: end) < entriesMin { continue }
      written.append((object.name, try await object.checkpoint(in: self)))
    }
    return written
  }

  func writeCheckpoint<State: ReplicatedState>(
    of cell: ObjectCell<State>
  ) async throws(ObjectError) -> Position {
    let (state, version) = try await standing(of: cell)
    try await write(state, version, of: cell.item)
    access { $0.marks[cell.stream] = version }
    if cell.item.number != Directory.item.number {
      try await mark(cell.name, before: version)
    }
    return version
  }

  /// An object, and the moment at which it is that.
  private func standing<State: ReplicatedState>(
    of cell: ObjectCell<State>
  ) async throws(ObjectError) -> (State, Position) {
    try await sync()
    return try access { (runtime) throws(ObjectError) in
      (try cell.state(), runtime.seen.position)
    }
  }

  private func write<State: ReplicatedState>(
    _ state: State,
    _ version: Position,
    of item: Directory.Item
  ) async throws(ObjectError) {
    let number = access { runtime in
      runtime.counters.checkpoints += 1
      return log.id.low &+ UInt64(runtime.counters.checkpoints)
    }
    let name = CheckpointName(stream: item.stream, version: version, number: number)
    let cuts = cutsHeard
    try await put([.checkpoint(name, .begin)], item)
    // Where the log was cut since, it would have in it what nobody will ever find. Behind a later
    // cut its beginning is gone, and with it all that there is of it (R24, R38).
    if isOver(seen.epoch) { try await sync() }
    if cutsHeard > cuts { throw .log(.cut(access { $0.lastCut })) }
    var sum = CheckpointSum()
    var count = 0
    var packer = CheckpointPacker(limits)
    for piece in state.pieces {
      for pieces in packer.take(try State.encode(piece: piece)) {
        try await put([.checkpoint(name, .pieces(index: count, pieces))], item)
        sum.update(pieces)
        count += 1
      }
    }
    if let pieces = packer.finish() {
      try await put([.checkpoint(name, .pieces(index: count, pieces))], item)
      sum.update(pieces)
      count += 1
    }
    try await put([.checkpoint(name, .end(count: count, sum: sum))], item)
  }

  private func put(_ entries: [ObjectEntry], _ item: Directory.Item) async throws(ObjectError) {
    // Nobody reads keys of it in a transaction.
    let writes = [StreamKeys(item.checkpoints, keys: [])]
    _ = try await ask { (log) throws(LogError) in
      try await log.append(batch: entries.map { $0.encoded() }, writing: writes)
    }
  }
}

// Opening from a checkpoint, and going back in time.

extension Runtime {
  /// The newest whole checkpoint of an object, of a moment that is not too late.
  func newestCheckpoint<State: ReplicatedState>(
    of item: Directory.Item,
    as type: State.Type,
    notAfter versionMax: Position = .max
  ) async throws(ObjectError) -> (state: State, version: Position)? {
    let ends = try await ends(of: [item.checkpoints])
    guard let link = ends.links.first else { return nil }
    let begin = max(item.begin, ends.begin)
    let end = max(begin, ends.snapshot.position)
    var finder = StreamFinder<Log, PlayedWalk>(log)
    do throws(LogError) {
      var walk = PlayedWalk(from: link, over: begin..<end)
      var search = PlayedSearch(versionMax: versionMax)
      while !search.isOver, let places = try await finder.step(&walk) {
        for (place, slot) in zip(places, try await finder.slots(at: places)) {
          if let (name, part) = CheckpointPart.inEntry(slot), name.stream == item.stream {
            search.take(part, of: name, at: place)
          }
        }
      }
      guard let found = search.found else { return nil }
      return try await restore(found, as: type, by: &finder).map { ($0, found.version) }
    } catch {
      throw .log(error)
    }
  }

  /// Puts a checkpoint's pieces together; `nil` if they are not what was written.
  private func restore<State: ReplicatedState>(
    _ found: FoundCheckpoint,
    as type: State.Type,
    by finder: inout StreamFinder<Log, PlayedWalk>
  ) async throws(LogError) -> State? {
    var state = State()
    var sum = CheckpointSum()
    var unpacker = CheckpointUnpacker()
    for place in found.pieces {
      guard let slot = try await finder.slots(at: [place]).first,
        case (_, .pieces(_, let pieces))? = CheckpointPart.inEntry(slot)
      else { return nil }
      for bytes in unpacker.take(pieces) {
        guard let piece = State.decodePiece(bytes) else { return nil }
        state.restore(piece)
      }
      sum.update(pieces)
    }
    if unpacker.isAmidst { return nil }
    return sum == found.sum ? state : nil
  }
}

extension CheckpointPart {
  /// The part of a checkpoint that stands in a slot, and of which; `nil` if there is none.
  static func inEntry(_ slot: Slot) -> (name: CheckpointName, part: CheckpointPart)? {
    guard case .data(let entry) = slot,
      // Whatever else stands in the stream is no checkpoint.
      case .checkpoint(let name, let part)? = try? ObjectEntry(decoding: entry.payload)
    else { return nil }
    return (name, part)
  }
}
