internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror

/// Asks units where the last entries of their streams stand, once an epoch is over there.
struct StreamSurvey<Network: Transport>: Sendable {
  let network: Network
  /// How long to wait for a page.
  let patience: Duration

  /// What units know together (R12); all at once.
  ///
  /// - Parameters:
  ///   - units: The replicas that go on, of every chain.
  ///   - epoch: An epoch that is closed on all of them.
  /// - Returns: Where their streams end. Of one that gives no answer nobody knows what it has.
  func census(of units: [UnitName], after epoch: Epoch) async -> StreamCensus {
    await withTaskGroup(of: StreamCensus?.self) { group in
      for unit in units { group.addTask { await self.census(of: unit, after: epoch) } }
      var parts: [StreamCensus] = []
      for await part in group {
        guard let part else {
          group.cancelAll()
          return .unknown
        }
        parts.append(part)
      }
      return .merged(parts)
    }
  }

  /// What a unit says of its streams, all pages together; `nil` if it does not answer.
  func census(of unit: UnitName, after epoch: Epoch) async -> StreamCensus? {
    var census = StreamCensus.empty
    var last: StreamID?
    while true {
      let request = UnitStreamsRequest(
        epoch: epoch,
        incarnation: unit.incarnation,
        after: last
      )
      // Silence is an answer here, and the same whatever its reason.
      let reply = try? await network.call(
        .unitStreams(request),
        to: unit.node,
        patience: patience
      )
      guard case .unitStreams(let page)? = reply, census.append(page) else { return nil }
      guard let next = page.last else { return census }
      // Whoever turns in circles would never end.
      if let last, next <= last { return nil }
      last = next
    }
  }
}
