internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror

/// Makes a sequencer begin the reign that a layout gives it.
struct ReignCall<Network: Transport>: Sendable {
  let network: Network
  /// How long to wait for the reply, and for each part that goes ahead.
  let patience: Duration

  /// How many streams one message names at most: some 44 bytes each, of the megabytes that a frame
  /// may have.
  static var endsMax: Int { 1 << 17 }

  /// Tells it, in parts if there are very many streams.
  ///
  /// - Returns: What the sequencer says.
  func run(_ layout: Layout, _ streams: StreamCensus) async throws(TransportError) -> Reply {
    let node = layout.sequencer.node
    if streams.ends.count <= Self.endsMax {
      let request = ReignRequest(layout: layout, streams: streams)
      return try await network.call(.reign(request), to: node, patience: patience)
    }
    let parts = streams.parts(of: Self.endsMax)
    let (id, whole) = (layout.id, streams.fingerprint)
    for (number, part) in parts.dropLast().enumerated() {
      let request = ReignStreamsRequest(
        layout: id,
        boot: layout.sequencer.boot,
        ahead: StreamParts(whole: whole, count: number),
        streams: part
      )
      let reply = try await network.call(.reignStreams(request), to: node, patience: patience * 5)
      guard case .reignStreamsHeard = reply else { return reply }
    }
    let request = ReignRequest(
      layout: layout,
      streams: parts.last ?? .empty,
      ahead: StreamParts(whole: whole, count: parts.count - 1)
    )
    return try await network.call(.reign(request), to: node, patience: patience * 5)
  }
}
