import CorfuSimulation

extension CheckTrace {
  /// What happened in a world.
  init(_ world: World) {
    self.init(events: Self.told(world.events), fingerprint: world.fingerprint)
  }

  /// Events without their times, which tell nothing in a story: each comes after the one above it.
  fileprivate static func told(_ events: [String]) -> [String] {
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
        often: "After a lost race the same position is tried again and again; it stays taken."
      )
      isEndless = true
    case .deadlock:
      self.init("it came to no end: everybody waits for somebody else", events: events)
    case .escaped(let way):
      self.init(
        way.rawValue,
        events: events,
        often: "Start no tasks of your own with 'Task {}': a task group stays in the simulation."
      )
    case .threw(let error): self.init("it failed: \(error)", events: events)
    }
  }
}
