internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// How a run of a cluster is told: short, and in the words of the protocol.

extension Request {
  var name: String {
    switch self {
    case .write(let request):
      "write \(request.values.map { "\($0.position): \($0.value)" }) in \(request.layout)"
    case .repair(let request):
      "repair \(request.values.map { "\($0.position): \($0.value)" }) in \(request.layout)"
    case .read(let request):
      "read \(request.positions.map(\.description).joined(separator: " ")) in \(request.layout)"
    case .trim(let request): "trim \(request.positions) in \(request.layout)"
    case .trimPrefix(let request): "trim before \(request.mark) in \(request.layout)"
    case .sealUnit(let request): "seal \(request.epoch)"
    case .install(let request): "install \(request.layout.id)"
    case .reserve(let request): "reserve \(request.count) in \(request.layout)"
    case .reserveEach(let request):
      "reserve for \(request.reservations.count) in \(request.layout)"
    case .tail(let request): "tail in \(request.layout)"
    case .streamTails: "stream tails"
    case .sealSequencer(let request): "seal \(request.epoch)"
    case .reignStreams(let request):
      "\(request.streams.ends.count) streams for the reign in \(request.layout)"
    case .reign(let request): "reign in \(request.layout.id) from \(request.layout.firstTail)"
    case .trims(let request): "trims of \(request.range) in \(request.layout)"
    case .unitStreams(let request): "streams of \(request.epoch)"
    case .trimRanges(let request): "trim ranges \(request.ranges) in \(request.layout)"
    case .reset(let request): "reset \(request.incarnation)"
    case .space: "space"
    case .prepare(let request): "prepare \(request.ballot) after \(request.base)"
    case .accept(let request): "accept \(request.vote.ballot) after \(request.base)"
    case .poll(let request): "poll after \(request.base)"
    case .acceptorStatus: "acceptor status"
    case .vouch(let request): "vouch for \(request.opening) of \(request.disk)"
    case .admit(let request): "\(request.opening): \(request.verdict)"
    case .newestLayout: "newest layout"
    case .status: "status"
    case .membership: "membership"
    case .layouts: "layouts"
    case .meters: "meters"
    }
  }
}

extension Reply {
  var name: String {
    switch self {
    case .written(let answers): "written: \(answers.map(\.name).joined(separator: ", "))"
    case .slots(let slots): "slots: \(slots.map(\.name).joined(separator: ", "))"
    case .trimmed: "trimmed"
    case .unitStreams(let page): "\(page.ends.count) streams"
    case .unitSealed(let seal): "sealed \(seal.sealed), tail \(seal.tail)"
    case .installed(let layout): "installed \(layout)"
    case .token(let token): "token \(token)"
    case .grants(let grants): "grants: \(grants.map(\.name).joined(separator: ", "))"
    case .tail(let tail): "tail \(tail)"
    case .streamTails: "stream tails"
    case .sequencerSealed(let tail): "sealed, tail \(tail.map(\.description) ?? "unknown")"
    case .reignStreamsHeard: "heard"
    case .reigning: "reigning"
    case .trims(let ranges): "trims: \(ranges)"
    case .reset(let incarnation): "reset, now \(incarnation)"
    case .space(let space): "\(space.liveBytes) of \(space.totalBytes) bytes"
    case .prepared(.promised(let vote)):
      "promised, " + (vote.map { "voted in \($0.ballot)" } ?? "never voted")
    case .prepared(.refused(let ballot)), .voted(.refused(let ballot)): "no, promised \(ballot)"
    case .voted(.accepted): "voted"
    case .polled(.nothing): "no vote"
    case .polled(.voted(let vote)): "voted in \(vote.ballot)"
    case .decided(let layout): "decided: \(layout.epoch)"
    case .acceptorStatus: "acceptor status"
    case .vouched(let opening): "vouched for \(opening)"
    case .admitted: "heard"
    case .status: "status"
    case .membership: "membership"
    case .layouts(let layouts): "\(layouts.count) layouts"
    case .meters: "meters"
    case .newestLayout(let layout): "newest layout \(layout.map { "\($0.epoch)" } ?? "none")"
    case .refused(let refusal): "refused: \(refusal)"
    }
  }
}

extension WriteAnswer {
  fileprivate var name: String {
    switch self {
    case .written: "written"
    case .taken(let slot): "taken by \(slot)"
    case .refused(let error): "refused, \(error)"
    }
  }
}

extension Result<Slot, LogError> {
  fileprivate var name: String {
    switch self {
    case .success(let slot): "\(slot)"
    case .failure(let error): "unreadable, \(error)"
    }
  }
}

extension Grant {
  fileprivate var name: String {
    switch self {
    case .token(let token): "\(token)"
    case .refused(let refusal): "none, \(refusal)"
    }
  }
}

extension ClusterNetwork.Party {
  var name: String {
    switch self {
    case .node(let node): "\(node)"
    case .client(let name): name
    }
  }
}

extension UnitEvent {
  /// The kind of event, without what is special about this one.
  var name: String {
    switch self {
    case .gateChanged: "gateChanged"
    // By far the most frequent one, and names are slow to make.
    case .store(.scrubbed): "scrubbed"
    case .store(let event): String("\(event)".prefix { $0 != "(" })
    }
  }
}
