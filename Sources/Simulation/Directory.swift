/// The names of a simulated folder: what processes see, what is durable, and the changes in
/// between.
struct Directory {
  /// A change not yet durable.
  ///
  /// It carries the file's number, so that it can be kept without those before.
  enum Change {
    case link(String, Int)
    case unlink(String)
    case rename(String, String, Int)

    var inode: Int? {
      switch self {
      case .link(_, let inode), .rename(_, _, let inode): inode
      case .unlink: nil
      }
    }
  }

  private(set) var names: [String: Int]
  private(set) var durableNames: [String: Int]
  private var changes: [(sequence: Int, change: Change)] = []

  /// The sequence number of the next change: a sync started now covers all below.
  private(set) var mark = 0

  /// A folder that is durable as it is.
  init(names: [String: Int]) {
    self.names = names
    durableNames = names
  }

  mutating func make(_ change: Change) {
    Self.apply(change, to: &names)
    changes.append((mark, change))
    mark += 1
  }

  /// Makes the changes durable that a sync covers.
  mutating func commit(below mark: Int) {
    for change in take(below: mark) { Self.apply(change, to: &durableNames) }
  }

  /// Makes durable what luck leaves of the changes below `mark`, and returns how many were lost.
  mutating func settle(
    below mark: Int,
    _ fate: UnsyncedFate,
    mayReorder: Bool,
    using random: inout SeededGenerator
  ) -> Int {
    let covered = take(below: mark)
    let prefix = random.number(in: 0...covered.count)
    var lost = 0
    for (index, change) in covered.enumerated() {
      let isKept =
        switch fate {
        case .lost: false
        case .kept: true
        case .drawn, .prefix, .sectors: mayReorder ? random.chance(0.5) : index < prefix
        }
      if isKept { Self.apply(change, to: &durableNames) } else { lost += 1 }
    }
    return lost
  }

  /// Forgets what is not durable.
  mutating func revert() {
    names = durableNames
    changes = []
  }

  /// Whether any name leads to a file, or may lead to it after a power cut.
  func mentions(_ inode: Int) -> Bool {
    names.values.contains(inode) || durableNames.values.contains(inode)
      || changes.contains { $0.change.inode == inode }
  }

  private mutating func take(below mark: Int) -> [Change] {
    let covered = changes.prefix { $0.sequence < mark }.map(\.change)
    changes.removeFirst(covered.count)
    return covered
  }

  private static func apply(_ change: Change, to names: inout [String: Int]) {
    switch change {
    case .link(let name, let inode):
      names[name] = inode
    case .unlink(let name):
      names[name] = nil
    case .rename(let name, let other, let inode):
      names[name] = nil
      names[other] = inode
    }
  }
}
