public import CorfuGlobalLog

/// How one reign ends and the next begins; ``TokenSource`` says what each of these promises.
extension Sequencer {
  // exercise 2.3: begin where no position can have been taken, once, and stop when sealed
  public mutating func install(_ reign: Reign) throws(SequencerRefusal) {
    if reign.boot != boot { throw .otherBoot(boot) }
    if reign.epoch == installed { return }
    if let over = [sealed, installed].compactMap({ $0 }).max(), reign.epoch <= over {
      throw .sealed(over)
    }
    if reign.firstTail > .max { throw .positionsUsedUp }
    // What it remembers is more than the units can tell, as long as nobody else was the sequencer.
    if !reign.goesOn(from: installed) {
      streams = StreamTails(reign.streams, streamsMax: streamsMax)
    }
    installed = reign.epoch
    // A boot that goes on may have handed out more than the units have heard of.
    next = max(next, reign.firstTail)
  }

  public mutating func seal(_ epoch: Epoch) -> Position? {
    sealed = max(sealed ?? epoch, epoch)
    return installed == nil ? nil : next
  }

  public static func firstTail(after end: ReignEnd) -> Position {
    var tail = max(end.firstTail, end.sequencerTail ?? .zero)
    for replica in end.replicas {
      tail = max(tail, replica.trimMark)
      // As numbers: behind the last position there is none.
      if let highest = replica.highest { tail = max(tail, Position(highest.number + 1)) }
    }
    return tail
  }
  // end 2.3
}
