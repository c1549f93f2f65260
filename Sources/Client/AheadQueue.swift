internal import CorfuGlobalLog
internal import Synchronization

/// What subscriptions will want next, for whoever runs the client to read meanwhile.
final class AheadQueue: Sendable {
  /// Positions to read, and where to put what stands there.
  struct Order: Sendable {
    let range: Range<Position>
    let reading: AheadReading
  }

  private struct State: Sendable {
    var orders: [Order] = []
    var isServed = false
    var server: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Wishes for positions to be read; `nil` if nobody reads ahead.
  func order(_ range: Range<Position>) -> AheadReading? {
    let order = Order(range: range, reading: AheadReading())
    let (isTaken, server) = state.withLock { state in
      guard state.isServed else { return (false, UnsafeContinuation<Void, Never>?.none) }
      state.orders.append(order)
      return (true, state.server.take())
    }
    server?.resume()
    return isTaken ? order.reading : nil
  }

  /// Begins to be served.
  func open() {
    state.withLock { $0.isServed = true }
  }

  /// Takes what is wished for, once there is something; `nil` if the task was cancelled.
  func next() async -> [Order]? {
    while !Task.isCancelled {
      let orders = state.withLock { state in
        defer { state.orders = [] }
        return state.orders
      }
      if !orders.isEmpty { return orders }
      await waitForOrders()
    }
    return nil
  }

  private func waitForOrders() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isReady = state.withLock { state in
          if !state.orders.isEmpty || Task.isCancelled { return true }
          state.server = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.server.take() }?.resume()
    }
  }

  /// Nobody reads ahead any more: whoever counted on it reads for itself.
  func close() {
    let orders = state.withLock { state in
      state.isServed = false
      defer { state.orders = [] }
      return state.orders
    }
    for order in orders { order.reading.finish(nil) }
  }
}

/// A read that is under way while the one who wants it has something else to do.
final class AheadReading: Sendable {
  private enum State: Sendable {
    case underWay(waiting: [UnsafeContinuation<[Slot]?, Never>])
    case over([Slot]?)
  }

  private let state = Mutex(State.underWay(waiting: []))

  /// What was read; `nil` if nothing was, or the task is cancelled: then it has to be read anew.
  func slots() async -> [Slot]? {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let result = state.withLock { state -> [Slot]?? in
          switch state {
          case .over(let slots): return .some(slots)
          case .underWay(let waiting):
            state = .underWay(waiting: waiting + [continuation])
            return nil
          }
        }
        if let result { continuation.resume(returning: result) }
      }
    } onCancel: {
      finish(nil)
    }
  }

  /// Ends it, unless it has ended.
  func finish(_ slots: [Slot]?) {
    let waiting = state.withLock { state -> [UnsafeContinuation<[Slot]?, Never>] in
      guard case .underWay(let waiting) = state else { return [] }
      state = .over(slots)
      return waiting
    }
    for continuation in waiting { continuation.resume(returning: slots) }
  }
}

extension Client {
  /// Reads what subscriptions will want next, until its task is cancelled.
  func readAhead() async {
    ahead.open()
    await withDiscardingTaskGroup { group in
      while let orders = await ahead.next() {
        for order in orders {
          group.addTask {
            do {
              order.reading.finish(try await self.look(at: order.range))
            } catch {
              // By the time that it is wanted it may go better; who then fails says why.
              order.reading.finish(nil)
            }
          }
        }
      }
    }
    ahead.close()
  }
}
