internal import CorfuGlobalLog
internal import CorfuProtocol
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
    case .tail(let request): "tail in \(request.layout)"
    case .streamTails: "stream tails"
    case .sealSequencer(let request): "seal \(request.epoch)"
    case .reign(let request): "reign in \(request.layout.id) from \(request.layout.firstTail)"
    case .newestLayout: "newest layout"
    }
  }
}

extension Reply {
  var name: String {
    switch self {
    case .written(let answers): "written: \(answers)"
    case .slots(let slots): "slots: \(slots)"
    case .trimmed: "trimmed"
    case .unitSealed(let seal): "sealed \(seal.sealed), tail \(seal.tail)"
    case .installed(let layout): "installed \(layout)"
    case .token(let token): "token \(token)"
    case .tail(let tail): "tail \(tail)"
    case .streamTails: "stream tails"
    case .sequencerSealed(let tail): "sealed, tail \(tail.map(\.description) ?? "unknown")"
    case .reigning: "reigning"
    case .newestLayout(let layout): "newest layout \(layout.map { "\($0.epoch)" } ?? "none")"
    case .refused(let refusal): "refused: \(refusal)"
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
    case .store(let event): String("\(event)".prefix { $0 != "(" })
    }
  }
}
