import Synchronization

/// Says which thread may touch a world's state, and stops every other one.
struct Confinement: ~Copyable, Sendable {
  private let holder = Atomic<UInt>(0)

  /// Whether some thread holds it.
  var isHeld: Bool { holder.load(ordering: .acquiring) != 0 }

  /// Whether the calling thread holds it.
  var isHeldHere: Bool { holder.load(ordering: .acquiring) == EscapeGuard.threadID }

  /// Takes it for the calling thread, and traps if it is held.
  func take() {
    let (isTaken, _) = holder.compareExchange(
      expected: 0,
      desired: EscapeGuard.threadID,
      ordering: .acquiring
    )
    precondition(isTaken, "a world was used by two threads at once, or run inside its own run")
  }

  /// Gives it back, so that the next holder sees all that was done.
  func release() {
    holder.store(0, ordering: .releasing)
  }
}
