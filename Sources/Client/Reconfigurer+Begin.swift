internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror

// The second half of a reconfiguration: a layout is decided, and everybody is told.

extension Reconfigurer {
  func propose(
    _ next: Layout,
    after layout: Layout
  ) async throws(ReconfigurationError) -> Layout {
    do throws(LayoutError) {
      try next.validate()
    } catch {
      throw .invalid(error)
    }
    do {
      let proposer = proposers.next()
      let chosen = try await register(after: layout, proposer).propose(next, as: proposer)
      return planted(.installsItsOwn) ? next : chosen
    } catch {
      throw .undecided
    }
  }

  /// What was decided after a layout, though nobody who was asked has heard of it.
  func learnSuccessor(of layout: Layout) async throws(ReconfigurationError) -> Layout {
    let chosen: Layout?
    do {
      let proposer = proposers.next()
      chosen = try await register(after: layout, proposer)
        .finish(insteadOf: layout, as: proposer)
    } catch {
      throw .undecided
    }
    guard let chosen else { throw .overtaken }
    return chosen
  }

  private func register(
    after layout: Layout,
    _ proposer: ProposerID
  ) -> Register<RemoteElectorate<Network, Time>> {
    Register(
      RemoteElectorate(
        layout: layout,
        base: layout.id,
        network: network,
        clock: clock,
        patience: diskPatience,
        deadline: clock.now.advanced(by: diskPatience * 2),
        salt: proposer.low
      )
    )
  }

  /// Where the streams end as a layout begins, as the replicas that go on tell it (R12).
  ///
  /// - Parameters:
  ///   - layout: What comes next.
  ///   - before: The layout before it; `nil` if nobody knows it, and every unit is asked.
  /// - Returns: What they know together.
  func census(for layout: Layout, after before: Layout?) async -> StreamCensus {
    // Nothing was ever written.
    if layout.firstTail == .zero { return .empty }
    let sealed = before?.epoch ?? Epoch(layout.epoch.number - 1)
    let kept = layout.units.filter { before?.units.contains($0) ?? true }
    // They have just answered. But with very many streams the first page takes its time.
    return await StreamSurvey(network: network, patience: diskPatience * 4)
      .census(of: kept, after: sealed)
  }

  /// Tells everybody what was decided.
  ///
  /// Units first, then the sequencer: nobody is given a position that cannot be written. Who does
  /// not hear of it now is told by the next who looks, or by a client.
  ///
  /// - Parameters:
  ///   - layout: What was decided.
  ///   - others: Nodes to tell besides those of the layout.
  ///   - streams: Where the streams end; `nil` to ask all units once they have heard of the layout.
  func install(
    _ layout: Layout,
    telling others: Set<NodeID> = [],
    streams: StreamCensus? = nil
  ) async {
    let request = Request.install(InstallRequest(layout: layout))
    var awaited = Set((layout.units + layout.spares).map(\.node))
    await withTaskGroup(of: NodeID.self) { group in
      for node in layout.nodes.union(others).sorted() {
        group.addTask {
          _ = await self.ask(request, node)
          return node
        }
      }
      for await node in group {
        awaited.remove(node)
        // The others have been told as well; nobody waits for the dead.
        if awaited.isEmpty { break }
      }
      group.cancelAll()
    }
    let known: StreamCensus
    if let streams { known = streams } else { known = await census(for: layout, after: nil) }
    // Whoever does not hear it is told again, by whoever looks next.
    _ = try? await ReignCall(network: network, patience: patience).run(layout, known)
  }
}
