internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror

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
      return try await register(after: layout, proposer).propose(next, as: proposer)
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
        base: layout.id,
        members: layout.acceptors,
        network: network,
        clock: clock,
        patience: diskPatience,
        deadline: clock.now.advanced(by: diskPatience * 2),
        salt: proposer.low
      )
    )
  }

  /// Tells everybody what was decided.
  ///
  /// Units first, then the sequencer: nobody is given a position that cannot be written. Who does
  /// not hear of it now is told by the next who looks, or by a client.
  public func install(_ layout: Layout, telling others: Set<NodeID> = []) async {
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
    let streams: StreamCensus = layout.firstTail == .zero ? .empty : .unknown
    let reign = ReignRequest(layout: layout, streams: streams)
    _ = await ask(.reign(reign), layout.sequencer.node)
  }
}
