import CorfuGlobalLog
import CorfuSequencer

/// The units below a simulated sequencer: chains of replicas that keep what was written, without
/// disks and without messages.
struct SequencerUnits: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    case data(EntryMark, [StreamID])
    case junk
    case trimmed
  }

  struct Replica: Equatable, Sendable {
    var contents: [Position: Content] = [:]
    var vouches = true

    /// What it says when it is sealed.
    var end: ReplicaEnd {
      var tails: [StreamID: [Position]] = [:]
      for (position, content) in contents {
        guard case .data(_, let streams) = content else { continue }
        for stream in streams { tails[stream, default: []].append(position) }
      }
      return ReplicaEnd(
        highest: contents.keys.max(),
        streams: StreamCensus(vouches ? tails : [:], isComplete: vouches)
      )
    }
  }

  /// By chain, head first.
  var chains: [[Replica]]
  /// The highest epoch that is closed.
  private(set) var sealed: Epoch?

  init(chains: Int, replicas: Int) {
    self.chains = Array(repeating: Array(repeating: Replica(), count: replicas), count: chains)
  }

  func chain(of position: Position) -> Int {
    Int(position.number % UInt64(chains.count))
  }

  /// What the head has.
  func content(at position: Position) -> Content? {
    chains[chain(of: position)][0].contents[position]
  }

  /// Writes down the chain, or to its head only.
  ///
  /// - Returns: What was there, or `nil` if the value is there now.
  mutating func write(
    _ content: Content,
    at position: Position,
    isHalf: Bool
  ) -> Content? {
    let chain = chain(of: position)
    if let there = chains[chain][0].contents[position], there != content { return there }
    for replica in chains[chain].indices.prefix(isHalf ? 1 : Int.max) {
      chains[chain][replica].contents[position] = content
    }
    return nil
  }

  mutating func trim(_ position: Position) {
    let chain = chain(of: position)
    for replica in chains[chain].indices { chains[chain][replica].contents[position] = .trimmed }
  }

  mutating func seal(_ epoch: Epoch) {
    sealed = max(sealed ?? epoch, epoch)
  }

  func admits(_ epoch: Epoch) -> Bool {
    sealed.map { epoch > $0 } ?? true
  }

  /// Goes on with some replicas only, which bring the others up to what they have.
  mutating func keep(_ kept: [[Int]]) {
    for (chain, indices) in kept.enumerated() {
      // The head of those that survive decides.
      let survivor = chains[chain][indices[0]]
      for replica in chains[chain].indices { chains[chain][replica] = survivor }
    }
  }
}
