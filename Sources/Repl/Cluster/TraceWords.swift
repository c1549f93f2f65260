import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce

/// Puts requests and replies into few words.
struct TraceWords: Sendable {
  /// The sequencer, which has a name of its own.
  let sequencer: NodeID
  /// The clients, by the ids that entries carry.
  let clients: [ClientID: String]
  /// The streams of objects that people have given names.
  var streams: [StreamID: String] = [:]

  func name(of node: NodeID) -> String { node == sequencer ? "seq" : "\(node)" }

  // MARK: - Requests

  func text(_ request: Request) -> String {
    switch request {
    case .write(let request):
      return "write \(values(request.values))\(epoch(request.layout))"
    case .repair(let request):
      return "repair \(values(request.values))\(epoch(request.layout))"
    case .read(let request): return "read \(places(request.positions))\(epoch(request.layout))"
    case .trim(let request): return "trim \(places(request.positions))\(epoch(request.layout))"
    case .trimPrefix(let request): return "trim before \(request.mark)\(epoch(request.layout))"
    case .sealUnit(let request), .sealSequencer(let request): return "seal epoch \(request.epoch)"
    case .install(let request): return "install the layout of epoch \(request.layout.epoch)"
    case .reserve(let request):
      let what = request.count == 1 ? "a position" : "\(request.count) positions"
      return "give me \(what)\(epoch(request.layout))"
    case .reserveEach(let request):
      let wishes = request.reservations.map(wish).joined(separator: "; ")
      return "give me \(wishes)\(epoch(request.layout))"
    case .tail(let request): return "what is the tail\(epoch(request.layout))"
    case .streamTails(let request):
      let what = request.streams.map(name).joined(separator: ", ")
      return "where end the log\(what.isEmpty ? "" : " and " + what)\(epoch(request.layout))"
    case .reignStreams(let request):
      return "here is where \(request.streams.ends.count) streams end"
    case .reign(let request):
      return "you are the sequencer of epoch \(request.layout.epoch), "
        + "from \(request.layout.firstTail) on"
    case .newestLayout: return "which is the newest layout"
    case .membership: return "who is there"
    case .layouts: return "which layouts do you remember"
    case .meters: return "what have you done"
    case .unitStreams, .trims, .trimRanges, .reset, .space: return copying(request)
    case .prepare, .accept, .poll, .acceptorStatus, .status, .vouch, .admit:
      return voting(request)
    }
  }

  private func copying(_ request: Request) -> String {
    switch request {
    case .unitStreams: "where do your streams end"
    case .trims(let request): "what is trimmed of \(range(request.range))"
    case .trimRanges(let request): "trim \(request.ranges.map(range).joined(separator: ", "))"
    case .reset: "empty your disk and begin anew"
    default: "how much room do you take"
    }
  }

  private func voting(_ request: Request) -> String {
    switch request {
    case .prepare(let request):
      "promise \(request.ballot) for \(register(request.base))"
    case .accept(let request):
      "vote in \(request.vote.ballot) for \(layout(request.vote.value))"
    case .poll(let request): "did you vote on \(register(request.base))"
    case .acceptorStatus: "what have you promised"
    case .vouch(let request): "note \(request.opening) of \(request.disk.node)'s disk"
    case .admit(let request):
      if case .noted = request.verdict {
        "you may serve"
      } else {
        "you are an older image of yourself"
      }
    default: "how are you"
    }
  }

  private func register(_ base: LayoutID) -> String {
    Duel.isDuel(base) ? "the duel" : "what follows epoch \(base.epoch)"
  }

  private func layout(_ layout: Layout) -> String {
    Duel.isDuel(layout.id) ? "a layout of the duel" : "a layout of epoch \(layout.epoch)"
  }

  private func range(_ range: Range<Position>) -> String {
    "\(range.lowerBound)...\(range.upperBound.advanced(by: -1))"
  }

  private func epoch(_ layout: LayoutID) -> String { ", epoch \(layout.epoch)" }

  private func values(_ values: [PlacedValue]) -> String {
    if let only = values.first, values.count == 1 {
      return "\(only.position): \(short(only.value))"
    }
    return places(values.map(\.position))
  }

  /// Places in few words: "4", "4, 6, 8", "12 positions from 4".
  private func places(_ positions: [Position]) -> String {
    if let first = positions.first, positions.count > 4 {
      return "\(positions.count) positions from \(first)"
    }
    return positions.map(\.description).joined(separator: ", ")
  }

  private func short(_ slot: Slot) -> String {
    switch slot {
    case .empty: "nothing"
    case .junk: "junk"
    case .trimmed: "trimmed"
    case .data(let entry):
      (Self.isLate(entry.mark) ? "a late entry of " : "entry \(entry.mark.sequence + 1) of ")
        + (clients[entry.mark.client] ?? entry.mark.client.description)
    }
  }

  /// The mark of an entry that is written with an old token: the client's own numbers are for its
  /// appends, and one mark stands for one payload.
  static func lateMark(of client: ClientID, at position: Position) -> EntryMark {
    EntryMark(client: client, sequence: UInt64.max - position.number)
  }

  private func name(of stream: StreamID) -> String { streams[stream] ?? "stream \(stream)" }

  private func wish(_ wish: Reservation) -> String {
    let what = wish.count == 1 ? "a position" : "\(wish.count) positions"
    let streams = wish.streams.map(name).joined(separator: ", ")
    let place = streams.isEmpty ? "" : " in \(streams)"
    guard let condition = wish.condition else { return what + place }
    let reads = condition.reads.map(words).joined(separator: ", ")
    return what + place + ", if \(reads) has not moved since \(condition.snapshot.position)"
  }

  private func words(for read: StreamKeys) -> String {
    guard let keys = read.keys else { return "\(name(of: read.stream))" }
    return keys.map(key).joined(separator: ", ") + " of \(name(of: read.stream))"
  }

  private func key(_ bytes: [UInt8]) -> String {
    // Whoever sends other bytes means something that only they know.
    (try? LogKey(canonicalBytes: bytes)).map { KeyParser.word(for: $0) } ?? "a key"
  }

  private func grant(_ grant: Grant) -> String {
    switch grant {
    case .token(let token):
      token.count == 1
        ? "\(token.first)" : "\(token.first)...\(token.first.advanced(by: token.count - 1))"
    case .refused(.conflict(let stream, let key?, let position)):
      "no: \(self.key(key)) of \(name(of: stream)) was written at \(position)"
    case .refused(.conflict(let stream, nil, let position)):
      "no: \(name(of: stream)) was written at \(position)"
    case .refused(let refusal): "no: \(refusal)"
    }
  }

  private static func isLate(_ mark: EntryMark) -> Bool { mark.sequence > UInt64.max / 2 }

  // MARK: - Replies

  func text(_ reply: Reply, to request: Request?) -> String {
    switch reply {
    case .written(let answers): return written(answers)
    case .slots(let slots): return read(slots)
    case .trimmed: return "done"
    case .unitSealed(let seal):
      return "sealed up to \(seal.sealed); I end at \(seal.tail)"
    case .unitStreams(let page):
      return page.ends.count == 1 ? "here is a stream" : "here are \(page.ends.count) streams"
    case .installed(let layout): return "epoch \(layout.epoch) is in force"
    case .token(let token):
      return grant(.token(token))
    case .grants(let grants): return grants.map(grant).joined(separator: "; ")
    case .tail(let tail): return "\(tail)"
    case .streamTails(let tail, _): return "the log at \(tail)"
    case .sequencerSealed(let tail):
      return tail.map { "sealed; I would go on at \($0)" } ?? "sealed; I never served"
    case .reignStreamsHeard: return "heard"
    case .reigning: return "so I am"
    case .newestLayout(let layout): return layout.map { "that of epoch \($0.epoch)" } ?? "none"
    case .membership(let membership): return "\(membership?.members.count ?? 0) nodes"
    case .layouts(let layouts): return "\(layouts.count) layouts"
    case .meters: return "this"
    case .refused(let refusal): return "no: \(text(refusal))"
    case .trims(let ranges):
      return ranges.isEmpty ? "nothing" : ranges.map(range).joined(separator: ", ")
    case .reset(let incarnation): return "done: this is disk \(incarnation)"
    case .space(let space): return "\(space.totalBytes) bytes, \(space.liveBytes) of them live"
    case .prepared, .voted, .polled, .decided, .acceptorStatus, .status, .vouched, .admitted:
      return vote(reply)
    }
  }

  private func vote(_ reply: Reply) -> String {
    switch reply {
    case .prepared(.promised(nil)): "promised; I never voted"
    case .prepared(.promised(let vote?)):
      "promised; I voted in \(vote.ballot) for \(layout(vote.value))"
    case .prepared(.refused(let ballot)), .voted(.refused(let ballot)):
      "no: I have promised \(ballot)"
    case .voted(.accepted): "you have my vote"
    case .polled(.nothing): "no"
    case .polled(.voted(let vote)): "yes, in \(vote.ballot)"
    case .decided(let layout): "it is decided: here is the layout of epoch \(layout.epoch)"
    case .acceptorStatus: "these"
    case .vouched(let opening): "I know of \(opening)"
    default: "well"
    }
  }

  private func text(_ refusal: Refusal) -> String {
    switch refusal {
    case .epoch(.sealed(let epoch, let newest)):
      "epoch \(epoch) is sealed" + (newest.map { ", the newest is \($0.epoch)" } ?? "")
    case .sequencer(.sealed(let epoch)): "epoch \(epoch) is sealed"
    case .sequencer(.notInstalled): "no layout names me"
    case .epoch, .log, .sequencer, .noSuchRole, .notNamed, .inUse, .notAdmitted, .notAllowed,
      .tooLarge:
      refusal.description
    }
  }

  private func written(_ answers: [WriteAnswer]) -> String {
    if let only = answers.first, answers.count == 1 { return text(only) }
    let count = answers.count { $0 == .written }
    return count == answers.count ? "written, all" : "written, \(count) of \(answers.count)"
  }

  private func text(_ answer: WriteAnswer) -> String {
    switch answer {
    case .written: "written"
    case .taken(let slot): "taken: \(short(slot))"
    case .refused(let error): "no: \(error)"
    }
  }

  private func read(_ slots: [Result<Slot, LogError>]) -> String {
    if let only = slots.first, slots.count == 1 {
      switch only {
      case .success(let slot): return short(slot)
      case .failure(let error): return "\(error)"
      }
    }
    let taken = slots.count { if case .success(let slot) = $0 { slot.isTaken } else { false } }
    return taken == slots.count ? "here they are" : "\(taken) of \(slots.count) are written"
  }
}
