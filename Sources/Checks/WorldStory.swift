import CorfuSimulation

extension CheckTrace {
  /// What happened in a world.
  init(_ world: World) {
    self.init(events: Self.told(world.events), fingerprint: world.fingerprint)
  }

  /// What happened, where nothing else tells one run from another.
  init(events: [String]) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in events.joined(separator: "\n").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    self.init(events: events, fingerprint: hash)
  }

  /// Events without their times, which tell nothing in a story: each comes after the one above it.
  static func told(_ events: [String]) -> [String] {
    let unit = " µs "
    return events.map { event in
      guard let range = event.firstRange(of: unit) else { return event }
      return String(event[range.upperBound...])
    }
  }
}

extension CheckFailure {
  /// A run that came to no end, or left the world.
  init(world failure: WorldFailure) {
    let events = CheckTrace.told(failure.events)
    switch failure.reason {
    case .livelock(let stepsMax):
      self.init(
        "it came to no end: still busy after \(stepsMax) steps",
        events: events,
        often: Self.oftenEndless(events)
      )
      isEndless = true
    case .deadlock:
      self.init(
        "it came to no end: everybody waits for somebody else",
        events: events,
        often: "Something is awaited that nobody is about to do. Wait for the answers to what you "
          + "asked, and for nothing else."
      )
    case .escaped(let way):
      self.init(
        way.rawValue,
        events: events,
        often: "Start no tasks of your own with 'Task {}': a task group stays in the simulation."
      )
    case .threw(let error): self.init("it failed: \(error)", events: events)
    }
  }

  /// What keeps a run busy for ever, by what it did last.
  ///
  /// - Returns: Nothing, if only the exercise can tell (``Check/run(seed:)``).
  private static func oftenEndless(_ events: [String]) -> String? {
    let last = events.suffix(6)
    if last.contains(where: { $0.contains(RaceStore.errorMark) }) {
      return "An error of the store is caught, and the race goes on. Pass it on: 'try await' does."
    }
    if last.contains(where: { $0.contains("is taken by") }) {
      return "After a lost race the same position is tried again and again; it stays taken."
    }
    if last.contains(where: { $0.contains("-> store") }) {
      return "The loop waits for something that does not come true, though the store did its part."
    }
    return nil
  }
}
