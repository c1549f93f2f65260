import CorfuGlobalLog
import CorfuSequencer

extension SequencerRun {
  /// Whoever finds that it is time ends the reign, and another one begins.
  mutating func succeed() {
    let epoch = Epoch((reigns.last?.epoch.number ?? 0) + 1)
    var end = ReignEnd(firstTail: reigns.last?.firstTail ?? .zero, replicas: [])
    if let last = reigns.last, let old = named.last {
      units.seal(last.epoch)
      note("---- epoch \(last.epoch) is sealed ----")
      if random.chance(0.3) { restart(old) }
      if random.chance(0.6) { end.sequencerTail = seal(old, last.epoch) }
    }
    if random.chance(0.1) { loseMemory() }
    let kept = units.chains.map { chain -> [Int] in
      let all = Array(chain.indices)
      return random.chance(0.7) ? all : [random.number(below: all.count)]
    }
    end.replicas = zip(units.chains, kept).flatMap { chain, kept in kept.map { chain[$0].end } }
    check(end)
    units.keep(kept)
    let next = random.number(below: processes.count)
    let reign = Reign(
      epoch: epoch,
      boot: processes[next].model.boot,
      firstTail: Source.firstTail(after: end),
      streams: end.streams
    )
    check(reign, after: end)
    reigns.append(reign)
    named.append(next)
    outcome.reigns += 1
    install(reign, at: next)
  }

  /// A replica finds that it does not know its streams any more.
  private mutating func loseMemory() {
    let chain = random.number(below: units.chains.count)
    let replica = random.number(below: units.chains[chain].count)
    units.chains[chain][replica].vouches.toggle()
  }

  /// R12: what the census says must be what the units have.
  private mutating func check(_ end: ReignEnd) {
    guard shape.streams > 0 else { return }
    let census = end.streams
    for number in 1...UInt64(shape.streams) {
      let stream = StreamID(number)
      let known = end.replicas.map { $0.streams.last(of: stream) }
      let all = Set(known.flatMap { $0 ?? [] }).sorted(by: >)
      let truth = known.contains(nil) ? nil : Array(all.prefix(StreamLink.backpointersMax))
      if census.last(of: stream) != truth {
        fail(.leadsBack, "the census of s\(stream) is not what the replicas said")
      }
    }
  }

  /// R11, without asking how the beginning was found.
  private mutating func check(_ reign: Reign, after end: ReignEnd) {
    let begin = reign.firstTail
    var lowest = end.firstTail
    var why = "the reign before began at \(end.firstTail)"
    if let tail = end.sequencerTail, tail > lowest {
      lowest = tail
      why = "the old sequencer would have gone on at \(tail)"
    }
    for replica in end.replicas {
      guard let highest = replica.highest, highest >= lowest else { continue }
      lowest = highest.advanced(by: 1)
      why = "\(highest) is taken"
    }
    if begin < lowest {
      fail(.beginsBehindAll, "epoch \(reign.epoch) was to begin at \(begin), though \(why)")
    } else if begin > lowest {
      fail(
        .handsOutAll,
        "epoch \(reign.epoch) was to begin at \(begin), though all from \(lowest) on are free"
      )
    }
  }

  /// Tells a process of a reign, for the first time or not.
  mutating func install(_ reign: Reign, at index: Int) {
    let process = processes[index]
    let expected = process.model.refusal(of: reign)
    let call =
      "layout \(reign.epoch) -> \(process.title)  install(from \(reign.firstTail)"
      + "\(told(reign.streams)))"
    let before = process.source
    let isNew = process.model.installed != reign.epoch
    do throws(SequencerRefusal) {
      try processes[index].source.install(reign)
      note("\(call)  <- done")
      if let expected {
        let isOther = reign.boot != process.model.boot
        fail(
          isOther ? .beginsOnce : .servesItsEpoch,
          "\(process.title) took on epoch \(reign.epoch), though \(reason(expected, process))"
        )
      } else if !isNew, processes[index].source != before {
        fail(
          .beginsOnce,
          "epoch \(reign.epoch) was installed a second time, and the counter began anew"
        )
      }
      processes[index].model.install(reign)
    } catch {
      note("\(call)  <- refused: \(error)")
      outcome.refusals += 1
      if error != expected {
        fail(
          .beginsOnce,
          "\(process.title) refused with '\(error)', though \(reason(expected, process))"
        )
      }
    }
  }

  /// An old message arrives once more, or at somebody else.
  mutating func installAgain() {
    guard let reign = random.element(of: Array(reigns.suffix(3))) else { return }
    install(reign, at: random.number(below: processes.count))
  }

  /// A process dies, and with it all that it knew.
  mutating func restart(_ index: Int) {
    let boot = BootID(using: &random)
    processes[index].life += 1
    processes[index].source = Source(boot: boot, streamsMax: shape.streamsMax)
    processes[index].model = SequencerModel(boot: boot)
    note("---- kill \(processes[index].name), start it again ----")
  }

  private mutating func seal(_ index: Int, _ epoch: Epoch) -> Position? {
    let title = processes[index].title
    let tail = processes[index].source.seal(epoch)
    let expected = processes[index].model.seal(epoch)
    note(
      "any -> \(title)  seal(\(epoch))  <- \(tail.map { "its tail is \($0)" } ?? "never served")"
    )
    if tail != expected {
      let wanted =
        expected.map { "would have gone on at \($0): seal should return that" }
        ?? "never reigned: seal should return nil"
      fail(
        .servesItsEpoch,
        "\(title) \(wanted), and returned \(tail.map(\.description) ?? "nil")"
      )
    }
    return expected
  }

  /// A seal of an epoch that was over before arrives late, and so does somebody's question.
  mutating func sealAgain() {
    let late = reigns.indices.dropFirst().suffix(3)
    guard let index = random.element(of: Array(late)) else { return }
    _ = seal(named[index], reigns[index - 1].epoch)
    if random.chance(0.8) { ask(named[index], in: reigns[index].epoch) }
  }

  /// A client writes one of its positions, or finds that its token is of no use any more.
  mutating func write() {
    guard !holdings.isEmpty else { return }
    let index = random.number(below: holdings.count)
    guard let position = holdings[index].left.first else {
      holdings.remove(at: index)
      return
    }
    let holding = holdings[index]
    holdings[index].left.removeFirst()
    guard units.admits(holding.token.epoch) else {
      note(
        "c\(holding.client) -> units  write(\(position))  <- epoch \(holding.token.epoch) is sealed"
      )
      holdings.remove(at: index)
      return
    }
    sequence += 1
    let mark = EntryMark(
      client: ClientID(high: 0, low: UInt64(holding.client)),
      sequence: sequence
    )
    let isHalf = random.chance(0.2)
    let there = units.write(.data(mark, holding.streams), at: position, isHalf: isHalf)
    let done = isHalf ? "written, on one replica so far" : "written"
    let answer = there.map { "taken by \(told($0))" } ?? done
    note("c\(holding.client) -> units  write(\(position))  <- \(answer)")
    if case .data = there {
      fail(.handsOutOnce, "c\(holding.client) has a token for \(position), which is taken")
    }
  }

  /// Somebody is tired of waiting for a position, or does not need it any more.
  mutating func fillOrTrim() {
    guard let position = holdings.last?.left.last, units.admits(holdings.last?.token.epoch ?? .zero)
    else { return }
    if random.chance(0.5) {
      _ = units.write(.junk, at: position, isHalf: false)
      note("any -> units  fill(\(position))")
    } else {
      units.trim(position)
      note("any -> units  trim(\(position))")
    }
  }
}

// How things are drawn and told.
extension SequencerRun {
  mutating func someProcess() -> Int {
    if let last = named.last, random.chance(0.8) { return last }
    return random.number(below: processes.count)
  }

  mutating func someEpoch() -> Epoch {
    let now = reigns.last?.epoch.number ?? 0
    guard shape.mistakes || shape.restarts, random.chance(0.2) else { return Epoch(now) }
    return Epoch(random.chance(0.7) && now > 0 ? now - 1 : now + 1)
  }

  mutating func someStreams() -> [StreamID] {
    guard shape.streams > 0 else { return [] }
    return (0..<random.number(below: 4)).map { _ in
      StreamID(UInt64(random.number(in: 1...shape.streams)))
    }
  }

  func unique(_ streams: [StreamID]) -> [StreamID] {
    var seen: Set<StreamID> = []
    return streams.filter { seen.insert($0).inserted }
  }

  func reason(_ refusal: SequencerRefusal?) -> String {
    refusal.map(\.description) ?? "there is no reason to"
  }

  /// Why a process does not take on a reign: an epoch that is over may be in force all the same.
  func reason(_ refusal: SequencerRefusal?, _ process: Process) -> String {
    if case .sealed(let epoch) = refusal, epoch == process.model.installed,
      process.model.sealed.map({ $0 < epoch }) ?? true
    {
      return "epoch \(epoch) is installed already: '.sealed(\(epoch))' says so"
    }
    return reason(refusal)
  }

  func told(_ epoch: Epoch?) -> String { epoch.map(\.description) ?? "none" }

  func stands(_ stream: StreamID, _ positions: [Position]) -> String {
    positions.isEmpty ? "s\(stream) has no entries" : "s\(stream) stands at \(told(positions))"
  }

  func said(_ positions: [Position]) -> String {
    positions.isEmpty ? "that there are none" : told(positions)
  }

  func told(_ positions: [Position]) -> String {
    positions.isEmpty ? "nothing" : positions.map(\.description).joined(separator: " ")
  }

  func told(_ streams: [StreamID]) -> String {
    streams.isEmpty ? "" : " of " + streams.map { "s\($0)" }.joined(separator: " ")
  }

  func told(_ links: [StreamLink]) -> String {
    let words = links.map { link -> String in
      guard let previous = link.previous else { return "s\(link.stream) after unknown ones" }
      return previous.isEmpty
        ? "nothing of s\(link.stream) before" : "s\(link.stream) after \(told(previous))"
    }
    return words.isEmpty ? " no links" : " " + words.joined(separator: ", ")
  }

  func told(_ token: Token) -> String {
    token.positions.description + (token.links.isEmpty ? "" : "," + told(token.links))
  }

  func told(_ census: StreamCensus) -> String {
    guard shape.streams > 0 else { return "" }
    let words = census.ends.map(\.stream).map { stream in
      "s\(stream) at \(census.last(of: stream).map { told($0) } ?? "unknown")"
    }
    let rest = census.isComplete ? "no other streams" : "others unknown"
    return ", " + (words + [rest]).joined(separator: ", ")
  }

  func told(_ content: SequencerUnits.Content) -> String {
    switch content {
    case .data(let mark, _): "an entry of c\(mark.client.low)"
    case .junk: "junk"
    case .trimmed: "nothing any more"
    }
  }
}
