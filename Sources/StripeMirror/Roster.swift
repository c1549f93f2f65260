public import CorfuSequencer
internal import CorfuGlobalLog
internal import Synchronization

/// Where the clients of one process look up the layout in force, and whom it names.
///
/// Until chapter 6 the layout is changed by hand. All clients are in this process and hear of it at
/// once, so nobody has to be kept out: the dead do not answer, and those who are left are asked in
/// the order that they always were.
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
    var isChanging = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// A roster with a first layout.
  public init(_ view: View) {
    state = Mutex(State(view: view))
  }

  /// The layout in force, and whom it names.
  public var view: View { state.withLock { $0.view } }

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

  /// Puts a layout into force, and lets those go on who waited for it.
  public func endChange(_ view: View) {
    let waiting = state.withLock { state in
      state.view = view
      state.isChanging = false
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
