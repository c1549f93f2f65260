internal import CorfuGlobalLog
internal import CorfuTransactions

// The objects that simulated processes work with. Each update has a number of its own, so that it
// is known wherever it turns up.

/// A state that a history can be held against.
protocol TracedState: ReplicatedState {
  /// The number of an update.
  static func number(of update: Update) -> Int
  /// An outcome as a number.
  static func word(of outcome: Outcome) -> Int
  /// What stands at a key; of a state without keys, anything.
  func word(at key: LogKey) -> Int
  /// All of the state in a number.
  var digest: Int { get }
}

extension TracedState {
  /// What a reader of a key, or of all of it, has seen.
  func word(of key: LogKey?) -> Int { key.map { word(at: $0) } ?? digest }
}

/// Accounts, of which transactions move amounts from one to the other.
struct TracedAccounts: TracedState {
  enum Update: Codable, Sendable {
    case put(number: Int, key: Int64, amount: Int)
    /// Every account gets what the one before it had.
    case rotate(number: Int)
  }

  typealias Piece = Account

  struct Account: Codable, Sendable {
    var key: Int64
    var amount: Int
  }

  static let keyCount = 6
  private var amounts = OrderedTree<Int, Int>()

  /// The amounts together, which transfers leave as they are.
  var sum: Int { amounts.reduce(0) { $0 + $1.value } }

  func amount(at key: Int64) -> Int { amounts[Int(key)] ?? 0 }

  mutating func apply(_ update: Update) -> Int {
    switch update {
    case .put(_, let key, let amount):
      return amounts.updateValue(amount, forKey: Int(key)) ?? 0
    case .rotate:
      let all = (0..<Self.keyCount).map { amounts[$0] ?? 0 }
      for (key, amount) in all.enumerated() {
        amounts.updateValue(amount, forKey: (key + 1) % Self.keyCount)
      }
      return all[0]
    }
  }

  static func keys(writtenBy update: Update) -> [LogKey]? {
    switch update {
    case .put(_, let key, _): [.integer(key)]
    case .rotate: nil
    }
  }

  var pieces: [Account] { amounts.map { Account(key: Int64($0.key), amount: $0.value) } }

  mutating func restore(_ piece: Account) {
    amounts.updateValue(piece.amount, forKey: Int(piece.key))
  }

  static func number(of update: Update) -> Int {
    switch update {
    case .put(let number, _, _), .rotate(let number): number
    }
  }

  static func word(of outcome: Int) -> Int { outcome }

  func word(at key: LogKey) -> Int {
    guard case .integer(let key) = key else { return 0 }
    return amount(at: key)
  }

  var digest: Int { (0..<Self.keyCount).reduce(7) { $0 &* 1_000_003 &+ (amounts[$1] ?? 0) } }
}

/// A counter that says what it has come to.
struct TracedCounter: TracedState, Codable {
  struct Update: Codable, Sendable {
    var number: Int
    var amount: Int
  }

  private(set) var total = 0

  mutating func apply(_ update: Update) -> Int {
    total += update.amount
    return total
  }

  static func number(of update: Update) -> Int { update.number }
  static func word(of outcome: Int) -> Int { outcome }
  func word(at key: LogKey) -> Int { total }
  var digest: Int { total }
}

/// A queue: what is in it comes out once.
struct TracedQueue: TracedState {
  enum Update: Codable, Sendable {
    case push(number: Int)
    case pop(number: Int)
  }

  private(set) var items: [Int] = []

  /// Gives the number of the push that is popped, and -1 if there is none.
  mutating func apply(_ update: Update) -> Int {
    switch update {
    case .push(let number):
      items.append(number)
      return items.count
    case .pop: return items.isEmpty ? -1 : items.removeFirst()
    }
  }

  var pieces: [Int] { items }

  mutating func restore(_ piece: Int) {
    items.append(piece)
  }

  static func number(of update: Update) -> Int {
    switch update {
    case .push(let number), .pop(let number): number
    }
  }

  static func word(of outcome: Int) -> Int { outcome }
  func word(at key: LogKey) -> Int { items.first ?? -1 }
  var digest: Int { items.reduce(items.count) { $0 &* 1_000_003 &+ $1 } }
}

/// The objects of a run, by name.
enum TracedObject: String, CaseIterable, Sendable {
  /// Accounts that are always written together, with the same.
  case left, right
  /// Accounts whose amounts together are nothing.
  case bank
  case counter, queue

  /// It, before its first update.
  var initial: any TracedState {
    switch self {
    case .left, .right, .bank: TracedAccounts()
    case .counter: TracedCounter()
    case .queue: TracedQueue()
    }
  }

  /// The streams of plain entries beside them.
  static let streams = ["red", "green", "blue"]
}
