internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

// What a node says as an acceptor: promises and votes for the next layout, and what it knows of
// other disks.

extension Node {
  /// Votes, unless the matter is settled.
  func vote(_ request: Request) async throws(Refusal) -> Reply {
    guard let disk, let name = unitName else { throw .noSuchRole }
    switch request {
    case .vouch(let question):
      if let layout = try decided(after: question.base, by: question.acceptor) {
        return .decided(layout)
      }
      // Even before it is let in itself: after a power cut nobody is.
      return .vouched(
        try await disk.vouch(as: question.acceptor, for: question.disk, question.opening)
      )
    case .prepare(let question):
      if let layout = try settled(after: question.base, by: question.acceptor) {
        return .decided(layout)
      }
      let answer = try await disk.vote(as: question.acceptor) { (acceptor) throws(DeviceError) in
        try await acceptor.prepare(question.ballot, after: question.base)
      }
      guard let answer else { return .decided(try history(of: question.base)) }
      return .prepared(answer)
    case .accept(let question):
      if let layout = try settled(after: question.base, by: question.acceptor) {
        return .decided(layout)
      }
      let answer = try await disk.vote(as: question.acceptor) { (acceptor) throws(DeviceError) in
        try await acceptor.accept(question.vote, after: question.base)
      }
      guard let answer else { return .decided(try history(of: question.base)) }
      return .voted(answer)
    case .poll(let question):
      // First the votes, then the news: a register is forgotten only when its layout is known.
      _ = try disk.admittedUnit()
      let answer = disk.acceptor.poll(after: question.base)
      if let layout = try settled(after: question.base, by: question.acceptor) {
        return .decided(layout)
      }
      guard let answer else { return .decided(try history(of: question.base)) }
      return .polled(answer)
    default:
      return .acceptorStatus(
        AcceptorStatus(acceptor: name.incarnation, registers: disk.acceptor.status)
      )
    }
  }

  /// A layout that was decided after one, if this node has heard of any.
  private func decided(
    after base: LayoutID,
    by acceptor: Incarnation
  ) throws(Refusal) -> Layout? {
    guard let name = unitName, name.incarnation == acceptor else {
      throw .notNamed(unitName?.incarnation ?? acceptor)
    }
    guard let known = newest.withLock({ $0 }) else { return nil }
    if known.id.epoch > base.epoch { return known.layout }
    if known.id.epoch == base.epoch, known.id != base { throw .epoch(.otherLayout(known.id)) }
    return nil
  }

  /// The same, for who is to vote: only on what follows a layout that is known here.
  ///
  /// Under an older one this disk was let in by other acceptors, who cannot know what it promises
  /// from now on (D12). Whoever asks hands it the layout first.
  private func settled(
    after base: LayoutID,
    by acceptor: Incarnation
  ) throws(Refusal) -> Layout? {
    if let layout = try decided(after: base, by: acceptor) { return layout }
    if let known = newest.withLock({ $0?.id }), known.epoch < base.epoch,
      base.epoch < Layout.practice
    {
      throw .epoch(.behind(installed: known))
    }
    return nil
  }

  /// What became of a register that was given up.
  private func history(of base: LayoutID) throws(Refusal) -> Layout {
    guard let layout = newestLayout, layout.epoch > base.epoch else { throw .log(.closed) }
    return layout
  }
}
