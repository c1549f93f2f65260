import CorfuGlobalLog
import CorfuSequencer
import CorfuStages

// What the sessions over one store tell of their stage and do with its sequencer, in one form for
// all of them.

/// A position that was handed out and that nobody has written yet.
struct UnusedPosition: Sendable {
  let position: Position
  let epoch: Epoch
}

/// The client who takes tokens and falls asleep.
///
/// One per opening of a log: its marks must be nobody else's.
final class Sleeper: Sendable {
  private let client: ClientID
  private let unused = Guarded<[UnusedPosition]>([])

  init(_ client: ClientID) {
    self.client = client
  }

  /// Takes positions and does not write there.
  func take(_ count: Int, from stage: some SingleStore) throws(ReplError) -> ClusterAnswer {
    do {
      guard let token = try stage.reserve(count) else {
        throw ReplError.refused("nobody hands out positions before chapter 2")
      }
      unused.update { unused in
        unused += token.positions.map { UnusedPosition(position: $0, epoch: token.epoch) }
      }
      return .told(
        "took \(token), and will not write there",
        [
          Fact("first", .position(token.first)), Fact("count", .count(token.count)),
          Fact("epoch", .count(Int(token.epoch.number))),
        ]
      )
    } catch let error as ReplError {
      throw error
    } catch let error as SequencerRefusal {
      throw .refused(error.description)
    } catch {
      throw .refused("\(error)")
    }
  }

  /// Wakes up and writes with the oldest position taken.
  func use(
    _ payload: [UInt8],
    on stage: some SingleStore
  ) async throws(ReplError) -> ClusterAnswer {
    let first = unused.update { $0.isEmpty ? nil : $0.removeFirst() }
    guard let first else { throw .refused("there is no unused token: 'token' takes one") }
    let position = first.position
    let mark = EntryMark(client: client, sequence: position.number)
    let entry = Entry(mark: mark, payload: payload)
    do {
      let outcome = try await stage.store.write([entry], at: position, epoch: first.epoch)
      if outcome.written == 1 {
        return .told("written at \(position)", [Fact("position", .position(position))])
      }
      let there = outcome.obstacle.map { $0 == .junk ? "junk" : "another entry" } ?? "nothing"
      throw ReplError.refused("too late for position \(position): \(there) stands there")
    } catch let error as ReplError {
      throw error
    } catch let error as LogError {
      throw .log(error)
    } catch {
      throw .refused("\(error)")
    }
  }
}

extension SingleStore {
  /// Does what one can do to a sequencer that lives in this process.
  func perform(
    _ command: ClusterCommand,
    by sleeper: Sleeper
  ) async throws(ReplError) -> ClusterAnswer {
    switch command {
    case .token(let count): try sleeper.take(count, from: self)
    case .useToken(let payload): try await sleeper.use(payload, on: self)
    case .layout, .seal, .node, .killSurely, .nodes, .net, .disk, .client, .crashClient, .trace,
      .compact, .healing, .objects:
      throw .refused("there are no servers in stage \(Self.number): --stage 5 has some")
    }
  }

  /// The numbers of the store, of its clients, and of the sequencer where there is one.
  ///
  /// - Parameters:
  ///   - client: The session's client.
  ///   - appends: What others appended since the log was opened.
  ///   - retries: How often those took another position.
  /// - Returns: The facts, in order.
  func facts(client: Client, appends: Int, retries: Int) -> [Fact] {
    let own = tally(of: client)
    var facts =
      Fact.facts(of: store.reader)
      + Fact.facts(
        of: store.counters,
        appends: appends + own.appends,
        retries: retries + own.retries
      )
    if let handedOut {
      facts += [
        Fact("tokens", .count(handedOut.tokens)),
        Fact("next token", .position(handedOut.tail)),
        Fact("epoch", .count(Int(handedOut.epoch.number))),
      ]
    }
    return facts
  }

  /// How each client of a race fared.
  func racers(_ clients: [Client]) -> [Racer] {
    clients.enumerated().map { number, client in
      let tally = tally(of: client)
      return Racer(name: "client \(number + 1)", appends: tally.appends, retries: tally.retries)
    }
  }
}
