public import CorfuGlobalLog

// Layouts made from layouts. Pure: chapter 6 lets a majority decide which of them comes into force.

extension Layout {
  /// The same layout under the next epoch.
  ///
  /// - Parameters:
  ///   - sequencer: Who hands out positions from now on.
  ///   - firstTail: Where it begins (R11).
  /// - Returns: The layout.
  public func next(sequencer: SequencerName, firstTail: Position) -> Layout {
    var layout = self
    layout.epoch = Epoch(epoch.number + 1)
    layout.sequencer = sequencer
    layout.firstTail = max(firstTail, self.firstTail)
    return layout
  }

  /// The layout without a unit: the others of each chain keep their order (R23).
  ///
  /// - Parameter unit: Who is gone.
  /// - Returns: The layout; `nil` if a chain would be left without a replica (R24).
  public func without(_ unit: UnitName) -> Layout? {
    var layout = self
    for index in layout.spans.indices {
      layout.spans[index].stripes = spans[index].stripes.map { chain in
        Chain(chain.replicas.filter { $0 != unit })
      }
      if layout.spans[index].stripes.contains(where: \.replicas.isEmpty) { return nil }
    }
    layout.spares.removeAll { $0 == unit }
    return layout.merged()
  }

  /// The layout with a unit that has all that the others of its chain have.
  ///
  /// - Parameters:
  ///   - unit: Who joins.
  ///   - stripe: The place of its chain in every span.
  ///   - order: Who stands before whom in the chain.
  /// - Returns: The layout; `nil` if a span has no such chain.
  public func with(_ unit: UnitName, inStripe stripe: Int, order: [NodeID]) -> Layout? {
    var layout = self
    for index in layout.spans.indices {
      guard spans[index].stripes.indices.contains(stripe) else { return nil }
      let units = spans[index].stripes[stripe].replicas.filter { $0.node != unit.node } + [unit]
      layout.spans[index].stripes[stripe] = Chain(
        units.sorted { left, right in
          order.firstIndex(of: left.node) ?? 0 < order.firstIndex(of: right.node) ?? 0
        }
      )
    }
    return layout.merged()
  }

  /// The layout with other chains from a position on (R28: a newcomer serves new positions first).
  ///
  /// - Parameters:
  ///   - position: Where the new span begins.
  ///   - stripes: Its chains.
  /// - Returns: The layout. Spans that began at or behind the position are replaced.
  public func remapped(from position: Position, to stripes: [Chain]) -> Layout {
    var layout = self
    layout.spans.removeAll { $0.begin >= position }
    layout.spans.append(Span(begin: position, stripes: stripes))
    let used = Set(stripes.flatMap(\.replicas))
    layout.spares.removeAll { used.contains($0) }
    return layout.merged()
  }

  /// Spans side by side with the same chains in the same order become one.
  ///
  /// Nothing moves: rotation counts from position 0, wherever a span begins (R30).
  public func merged() -> Layout {
    var layout = self
    layout.spans = []
    for span in spans where layout.spans.last?.stripes != span.stripes {
      layout.spans.append(span)
    }
    return layout
  }
}
