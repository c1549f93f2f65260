public import CorfuSequencer
public import CorfuGlobalLog
internal import Synchronization

/// Where the clients of one process look up the layout in force, and whom it names.
///
/// Until chapter 6 the layout is changed by hand. All clients are in this process and hear of it at
/// once. Where a unit is taken out nobody has to be kept out: the dead do not answer, and those who
/// are left are asked in the order that they always were. Before one is added, ``drain()`` waits
/// for those who do not know of it.
public final class Roster<Unit: Replica, Tokens: TokenSource>: Sendable {
  /// A layout, and whom it names.
  public struct View: Sendable {
    /// The layout.
    public let layout: Layout
    /// Its sequencer.
    public let sequencer: LocalSequencer<Tokens>
    /// Its units, and perhaps others.
    public let units: [UnitName: Unit]

    /// A view.
    public init(layout: Layout, sequencer: LocalSequencer<Tokens>, units: [UnitName: Unit]) {
      self.layout = layout
      self.sequencer = sequencer
      self.units = units
    }

    /// The units of a chain, head first.
    ///
    /// - Throws: ``ReplicaError/unreachable(_:)`` for one that is not there.
    public func replicas(of chain: Chain) throws(ReplicaError) -> [Unit] {
      var replicas: [Unit] = []
      for name in chain.replicas {
        guard let unit = units[name] else { throw .unreachable(name) }
        replicas.append(unit)
      }
      return replicas
    }
  }

  private struct State: Sendable {
    var view: View
    /// One past the highest position that somebody here found complete.
    var end = Position.zero
    var isChanging = false
    /// Whether nobody may begin anything until the change is over.
    var isClosed = false
    /// Operations under way.
    var guests = 0
    /// The change that waits for them to end.
    var drain: UnsafeContinuation<Void, Never>?
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// A roster with a first layout.
  public init(_ view: View) {
    state = Mutex(State(view: view))
  }

  /// The layout in force, and whom it names.
  public var view: View { state.withLock { $0.view } }

  /// One past the last position that is known to be complete, and never less than it was: the next
  /// process finds on the units what was written, and in the layout where the epoch began (R19).
  ///
  /// Tokens that nobody used do not count: they are forgotten with the sequencer.
  public var end: Position { state.withLock { max($0.end, $0.view.layout.firstTail) } }

  /// Notes that the position before is complete: somebody wrote it, read it or trimmed it.
  func note(end: Position) {
    state.withLock { $0.end = max($0.end, end) }
  }

  /// Announces that another layout is coming: who meets an error waits for it.
  ///
  /// ``endChange(_:)`` must follow. Of several changes one is made at a time.
  public func beginChange() async {
    while true {
      let isMine = state.withLock { state in
        defer { state.isChanging = true }
        return !state.isChanging
      }
      if isMine { return }
      await waitForChange()
    }
  }

  /// Waits until nobody is at work in the layout in force; nobody begins before the change is over.
  ///
  /// Where a replica is added, an operation that began without it must not end beside it.
  public func drain() async {
    await withUnsafeContinuation { continuation in
      let isEmpty = state.withLock { state in
        precondition(state.isChanging, "a change is announced before it is waited for")
        state.isClosed = true
        if state.guests > 0 { state.drain = continuation }
        return state.guests == 0
      }
      if isEmpty { continuation.resume() }
    }
  }

  /// Does something in the layout in force, which stays in force unless a replica is taken out.
  ///
  /// The body must not wait for another layout: it would wait for itself.
  public func visit<Answer>(_ body: (View) async -> Answer) async -> Answer {
    let view = await enter()
    let answer = await body(view)
    let drain = state.withLock { state in
      state.guests -= 1
      return state.guests == 0 ? state.drain.take() : nil
    }
    drain?.resume()
    return answer
  }

  private func enter() async -> View {
    while true {
      let view = state.withLock { state -> View? in
        if state.isClosed { return nil }
        state.guests += 1
        return state.view
      }
      if let view { return view }
      await waitForChange()
    }
  }

  /// Puts a layout into force, and lets those go on who waited for it.
  public func endChange(_ view: View) {
    let waiting = state.withLock { state in
      state.view = view
      state.isChanging = false
      state.isClosed = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What came after a view; waits if a change is under way.
  ///
  /// - Returns: The view in force; `nil` if it is the same.
  public func view(after view: View) async -> View? {
    await waitForChange()
    let now = self.view
    return now.layout.epoch > view.layout.epoch ? now : nil
  }

  private func waitForChange() async {
    await withUnsafeContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isChanging { return true }
        state.waiting.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }
}
