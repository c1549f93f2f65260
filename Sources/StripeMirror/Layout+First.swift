internal import CorfuGlobalLog

extension Layout {
  /// The first layout of a cluster: units in order, chain by chain; those that are left stand by.
  ///
  /// The acceptors are of as many chains as can be, so that the death of most of one chain is not
  /// the death of most acceptors.
  ///
  /// - Parameters:
  ///   - units: The units; at least as many as the chains have.
  ///   - stripes: How many chains.
  ///   - replicas: How many units each has.
  ///   - acceptors: How many decide the next layout; at most as many as there are units.
  ///   - sequencer: Who hands out positions.
  /// - Returns: The layout, of epoch 1.
  public static func first(
    of units: [UnitName],
    stripes: Int,
    replicas: Int,
    acceptors: Int,
    sequencer: SequencerName
  ) -> Layout {
    let chains = (0..<stripes).map { stripe in
      Chain(Array(units[stripe * replicas..<(stripe + 1) * replicas]))
    }
    let spares = units.dropFirst(stripes * replicas)
    return Layout(
      epoch: Epoch(1),
      spans: [Span(begin: .zero, stripes: chains)],
      sequencer: sequencer,
      acceptors: (chains.inTurns + spares).prefix(acceptors).sorted(),
      spares: Array(spares)
    )
  }
}

extension [Chain] {
  /// Their units in turns: one of each chain, then another of each.
  package var inTurns: [UnitName] {
    let most = map(\.replicas.count).max() ?? 0
    return (0..<most).flatMap { place in
      compactMap { $0.replicas.indices.contains(place) ? $0.replicas[place] : nil }
    }
  }
}
