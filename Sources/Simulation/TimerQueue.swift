/// The timers of a world: a binary heap, the earliest first, and among equals the one that was set
/// first.
struct TimerQueue {
  /// What a timer does when it fires.
  enum Action {
    case wake(UnsafeContinuation<Bool, Never>)
    case call(@Sendable () -> Void)
  }

  /// An alarm: when, and the order in which it was set, which also names it.
  struct Alarm {
    let time: Int64
    let order: UInt64

    func isBefore(_ other: Alarm) -> Bool {
      time != other.time ? time < other.time : order < other.order
    }
  }

  private var alarms: [Alarm] = []

  // A timer that fired or was called off has no action any more. Its alarm stays in the heap until
  // it is the first, or until such alarms are the many.
  private var actions: [UInt64: Action] = [:]
  private var ordersGiven: UInt64 = 0

  /// The name for the next timer to be set.
  mutating func nextOrder() -> UInt64 {
    ordersGiven += 1
    return ordersGiven
  }

  mutating func set(_ action: Action, for alarm: Alarm) {
    actions[alarm.order] = action
    insert(alarm)
  }

  /// Takes a timer's action away: to run it, or because the timer is called off.
  mutating func remove(_ order: UInt64) -> Action? {
    let action = actions.removeValue(forKey: order)
    if alarms.count > 64 + 2 * actions.count { removeStale() }
    return action
  }

  /// The alarm to ring next.
  mutating func first() -> Alarm? {
    while let alarm = alarms.first {
      if actions[alarm.order] != nil { return alarm }
      let last = alarms.removeLast()
      if !alarms.isEmpty { sink(last, from: 0) }
    }
    return nil
  }

  private mutating func insert(_ alarm: Alarm) {
    alarms.append(alarm)
    var child = alarms.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard alarm.isBefore(alarms[parent]) else { break }
      alarms[child] = alarms[parent]
      child = parent
    }
    alarms[child] = alarm
  }

  private mutating func removeStale() {
    alarms.removeAll { actions[$0.order] == nil }
    for parent in stride(from: alarms.count / 2 - 1, through: 0, by: -1) {
      sink(alarms[parent], from: parent)
    }
  }

  private mutating func sink(_ alarm: Alarm, from top: Int) {
    var parent = top
    while true {
      var child = 2 * parent + 1
      guard child < alarms.count else { break }
      if child + 1 < alarms.count, alarms[child + 1].isBefore(alarms[child]) { child += 1 }
      guard alarms[child].isBefore(alarm) else { break }
      alarms[parent] = alarms[child]
      parent = child
    }
    alarms[parent] = alarm
  }
}
