internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuTransactions

// Transactions.

extension ObjectProcess {
  private typealias Accounts = SimulatedObject<TracedAccounts>

  /// An error that a body throws.
  private struct ChangedMind: Error {}

  /// Does a transaction by hand: it begins, does something, and ends.
  private func deal(
    _ what: String,
    in other: SimulatedRuntime? = nil,
    _ body: (TracedDeal) async throws(ObjectError) -> Void
  ) async {
    let runtime = other ?? runtime
    let floor = history.floor
    let transaction: Transaction<ObservedLog>
    do throws(ObjectError) {
      transaction = try await runtime.begin()
    } catch {
      await survive(error, in: "the beginning of \(what)")
      return
    }
    if transaction.snapshot.position < floor && !history.isCut {
      fail("R32: \(what) reads at \(transaction.snapshot), and \(floor) was acknowledged")
    }
    let number = history.begin(dealAt: transaction.snapshot, floor: floor)
    do throws(ObjectError) {
      try await body(TracedDeal(transaction: transaction, number: number, history: history))
    } catch {
      runtime.rollback(transaction)
      return await abort(number, error, in: what)
    }
    if draw({ $0.chance(0.05) }) {
      runtime.rollback(transaction)
      history.probe("rollback")
      return history.end(deal: number, .nowhere, in: epoch)
    }
    do throws(ObjectError) {
      let position = try await runtime.commit(transaction)
      commit(number, at: position)
    } catch {
      await abort(number, error, in: what)
    }
  }

  private func commit(_ number: Int, at position: Position?) {
    history.end(deal: number, .stands(position), in: epoch)
    nodes.history.acknowledge(position)
    history.noteCommit()
  }

  private func abort(_ number: Int, _ error: ObjectError, in what: String) async {
    var reason: AbortReason?
    if case .aborted(let why) = error {
      reason = why
      history.probe("abort: \(why.kind)")
    }
    let fate = await survive(error, in: what)
    if case .indefinite = fate { history.probe("indefinite commit") }
    history.end(deal: number, fate, because: reason, in: epoch)
  }

  /// Waits a little in the middle of a transaction.
  private func dawdle() async {
    if draw({ $0.chance(0.3) }) {
      await nodes.world.sleep(for: draw { $0.duration(in: .zero ... .milliseconds(20)) })
    }
  }

  private func twoKeys() -> (Int64, Int64) {
    draw { random in
      let one = random.number(below: TracedAccounts.keyCount)
      let other = random.number(in: 1...(TracedAccounts.keyCount - 1))
      return (Int64(one), Int64((one + other) % TracedAccounts.keyCount))
    }
  }

  /// Moves an amount from one account to another.
  func transfer() async {
    let (from, to) = twoKeys()
    let amount = draw { $0.number(in: 1...9) }
    do throws(ObjectError) {
      let bank = try await open(.bank, of: TracedAccounts.self)
      await deal("a transfer") { (deal) throws(ObjectError) in
        let there = try deal.read(bank, .bank, key: from) { $0.amount(at: from) }
        await dawdle()
        let here = try deal.read(bank, .bank, key: to) { $0.amount(at: to) }
        try deal.update(bank, .bank) { .put(number: $0, key: from, amount: there - amount) }
        try deal.update(bank, .bank) { .put(number: $0, key: to, amount: here + amount) }
        let own = try deal.read(bank, .bank, key: to) { $0.amount(at: to) }
        if own != here + amount { fail("R34: a transfer put \(here + amount), and reads \(own)") }
      }
    } catch {
      await survive(error, in: "opening a bank")
    }
  }

  private func both() async throws(ObjectError) -> (Accounts, Accounts) {
    (
      try await open(.left, of: TracedAccounts.self),
      try await open(.right, of: TracedAccounts.self)
    )
  }

  /// Writes the same into two objects.
  func writeBoth() async {
    let key = twoKeys().0
    let rotates = draw { $0.chance(0.2) }
    do throws(ObjectError) {
      let (left, right) = try await both()
      await deal("a write to both") { (deal) throws(ObjectError) in
        if rotates {
          try deal.update(left, .left, asking: true) { .rotate(number: $0) }
          await dawdle()
          try deal.update(right, .right, asking: true) { .rotate(number: $0) }
          return
        }
        let one = try deal.read(left, .left, key: key) { $0.amount(at: key) }
        await dawdle()
        let other = try deal.read(right, .right, key: key) { $0.amount(at: key) }
        if one != other { fail("R34: one has \(one) at \(key), the other \(other)") }
        let amount = history.nextNumber()
        try deal.update(left, .left) { .put(number: $0, key: key, amount: amount) }
        try deal.update(right, .right) { .put(number: $0, key: key, amount: amount) }
      }
    } catch {
      await survive(error, in: "opening two objects")
    }
  }

  /// Takes from the queue, counts, and books it, all at once.
  func dealWithAll() async {
    let key = twoKeys().0
    do throws(ObjectError) {
      let queue = try await open(.queue, of: TracedQueue.self)
      let counter = try await open(.counter, of: TracedCounter.self)
      let bank = try await open(.bank, of: TracedAccounts.self)
      await deal("a deal with all") { (deal) throws(ObjectError) in
        try deal.update(queue, .queue, asking: true) { .pop(number: $0) }
        await dawdle()
        let isBlind = draw { $0.chance(0.5) }
        try deal.update(counter, .counter, asking: !isBlind) {
          TracedCounter.Update(number: $0, amount: 1)
        }
        let sum = try deal.read(bank, .bank) { $0.sum }
        if sum != 0 { fail("R34: the amounts of the bank are \(sum) together") }
        let amount = try deal.read(bank, .bank, key: key) { $0.amount(at: key) }
        try deal.update(bank, .bank) { .put(number: $0, key: key, amount: amount) }
        history.probe("deal with all")
      }
    } catch {
      await survive(error, in: "opening three objects")
    }
  }

  /// Reads two objects that must agree, and writes nothing.
  func compareBoth() async {
    do throws(ObjectError) {
      let (left, right) = try await both()
      await deal("a comparison") { (deal) throws(ObjectError) in
        let one = try deal.read(left, .left) { $0.digest }
        await dawdle()
        let other = try deal.read(right, .right) { $0.digest }
        if one != other { fail("R34: two objects do not agree at \(deal.transaction.snapshot)") }
        history.probe("comparison")
      }
    } catch {
      await survive(error, in: "opening two objects")
    }
  }

  /// Writes what reaches no object that others read, so that a small memory is full sooner.
  func overrun() async {
    let key = twoKeys().0
    do throws(ObjectError) {
      let (left, right) = try await both()
      await deal("a blind write") { (deal) throws(ObjectError) in
        let amount = history.nextNumber()
        try deal.update(left, .left) { .put(number: $0, key: key, amount: amount) }
        try deal.update(right, .right) { .put(number: $0, key: key, amount: amount) }
        history.probe("blind write")
      }
    } catch {
      await survive(error, in: "opening two objects")
    }
  }

  /// Opens an object in the middle of a transaction, when its newest checkpoint is of a later
  /// moment: what it was when the transaction began nobody here can say.
  func comeLate() async {
    let late = freshRuntime()
    do throws(ObjectError) {
      _ = try await late.directory()
      await deal("a late opening", in: late) { (deal) throws(ObjectError) in
        await transfer()
        await keep(.bank)
        let bank = try await late.object(TracedObject.bank.rawValue, of: TracedAccounts.self)
        let sum = try deal.read(bank, .bank) { $0.sum }
        if sum != 0 { fail("R34: the amounts of the bank are \(sum) together") }
        history.probe("late opening")
      }
    } catch {
      await survive(error, in: "opening a directory")
    }
  }

  /// A transaction that is tried as often as it takes, from a moment that may be old.
  func tryAgain() async {
    let (from, to) = twoKeys()
    let readsOnly = draw { $0.chance(0.5) }
    let fails = draw { $0.chance(0.05) }
    let floor = history.floor
    var last: Int?
    do {
      let bank = try await open(.bank, of: TracedAccounts.self)
      let (left, right) = try await both()
      try await runtime.transaction { transaction in
        // Only what had no effect is tried again.
        if let last {
          self.history.end(deal: last, .nowhere, in: self.epoch)
          self.history.probe("second try")
        }
        let number = self.history.begin(dealAt: transaction.snapshot, floor: floor)
        last = number
        let deal = TracedDeal(transaction: transaction, number: number, history: self.history)
        if readsOnly {
          let one = try deal.read(left, .left) { $0.digest }
          await self.dawdle()
          let other = try deal.read(right, .right) { $0.digest }
          if one != other { self.fail("R34: two objects do not agree at \(transaction.snapshot)") }
          return
        }
        let there = try deal.read(bank, .bank, key: from) { $0.amount(at: from) }
        let here = try deal.read(bank, .bank, key: to) { $0.amount(at: to) }
        await self.dawdle()
        try deal.update(bank, .bank) { .put(number: $0, key: from, amount: there - 1) }
        try deal.update(bank, .bank) { .put(number: $0, key: to, amount: here + 1) }
        if fails { throw ChangedMind() }
      }
      if let last { commit(last, at: nil) }
      history.probe(readsOnly ? "read-only transaction" : "transaction")
    } catch let error as ObjectError {
      if let last {
        await abort(last, error, in: "a transaction")
      } else {
        await survive(error, in: "a transaction")
      }
    } catch {
      if let last { history.end(deal: last, .nowhere, in: epoch) }
      history.probe("body threw")
    }
  }
}

extension AbortReason {
  /// The kind of reason.
  fileprivate var kind: String {
    switch self {
    case .conflict: "conflict"
    case .newSequencer: "new sequencer"
    case .forgotten: "forgotten"
    case .tooOld: "too old"
    case .trimmed: "trimmed"
    case .lost: "lost"
    case .tooLarge: "too large"
    case .user: "called off"
    }
  }
}
