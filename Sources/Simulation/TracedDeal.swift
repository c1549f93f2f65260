internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuTransactions

/// A transaction, and what is noted of it.
struct TracedDeal {
  let transaction: Transaction<ObservedLog>
  let number: Int
  let history: ObjectHistory

  /// Reads a key of an object, or all of it.
  func read<State: TracedState, Answer: Sendable>(
    _ object: SimulatedObject<State>,
    _ traced: TracedObject,
    key: Int64? = nil,
    _ body: (State) -> Answer
  ) throws(ObjectError) -> Answer {
    let key = key.map { LogKey.integer($0) }
    let (word, answer) = try transaction.read(object, keys: key.map { [$0] }) { state in
      (state.word(of: key), body(state))
    }
    history.change(deal: number) { deal in
      // What it has written itself nobody else can see.
      let isOwn = deal.updates.contains { $0.object == traced }
      deal.reads.append(.init(object: traced, key: key, word: isOwn ? nil : word))
    }
    return answer
  }

  func update<State: TracedState>(
    _ object: SimulatedObject<State>,
    _ traced: TracedObject,
    asking: Bool = false,
    _ make: (Int) -> State.Update
  ) throws(ObjectError) {
    let number = history.nextNumber()
    let update = make(number)
    var outcome: Int?
    if asking {
      outcome = State.word(of: try transaction.outcome(of: update, on: object))
    } else {
      try transaction.update(object, update)
    }
    let keys = State.keys(writtenBy: update)
    history.change(deal: self.number) { [outcome] deal in
      deal.updates.append(.init(number: number, object: traced, outcome: outcome))
      if outcome == nil { return }
      guard let keys else { return deal.reads.append(.init(object: traced)) }
      deal.reads += keys.map { .init(object: traced, key: $0) }
    }
  }
}
