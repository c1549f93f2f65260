/// A node of an ``OrderedTree``.
///
/// `children[i]` has the keys between `keys[i - 1]` and `keys[i]`; a leaf has no children.
///
/// A node is changed only while one tree alone reaches it: whoever descends makes the next node its
/// own first, by copying it if it is shared. Copies share the arrays until one of them writes.
final class TreeNode<Key: TreeKey> {
  /// The most keys of a node.
  static var keysMax: Int { 63 }
  /// The fewest keys of a node that is not the root.
  static var keysMin: Int { 31 }

  // Exclusive access needs no check when the program runs: only a tree writes to its nodes, while
  // it is `inout` itself, which the compiler checks. Looking up a key takes a third longer with it.
  @exclusivity(unchecked) private(set) var keys: [Key]
  /// What ``TreeKey/coarse`` says of each key.
  @exclusivity(unchecked) private(set) var coarses: [UInt64]
  @exclusivity(unchecked) private(set) var values: [AnyObject]
  @exclusivity(unchecked) private(set) var children: [TreeNode]
  /// How many keys stand here and below.
  @exclusivity(unchecked) private(set) var count: Int

  private init(
    keys: [Key],
    coarses: [UInt64],
    values: [AnyObject],
    children: [TreeNode],
    count: Int
  ) {
    self.keys = keys
    self.coarses = coarses
    self.values = values
    self.children = children
    self.count = count
  }

  /// An empty leaf.
  convenience init() {
    self.init(keys: [], coarses: [], values: [], children: [], count: 0)
  }

  /// A root over an overfull one.
  convenience init(over child: TreeNode) {
    self.init(keys: [], coarses: [], values: [], children: [child], count: child.count)
    split(0)
  }

  var isLeaf: Bool { children.isEmpty }
  var isOverfull: Bool { keys.count > Self.keysMax }

  func copy() -> TreeNode {
    TreeNode(keys: keys, coarses: coarses, values: values, children: children, count: count)
  }

  /// The child is about to change: if another tree shares it, that one keeps the old one.
  private func own(_ slot: Int) {
    // Writing to a shared array copies it first, so a child that is reached through two nodes is
    // never found to be referenced once.
    if !isKnownUniquelyReferenced(&children[slot]) { children[slot] = children[slot].copy() }
  }

  /// The slot of the first key that is not smaller.
  ///
  /// In most nodes the coarse form of the key alone tells.
  func slot(of key: Key, _ coarse: UInt64) -> Int {
    var low = partition { $0 < coarse }
    guard low < coarses.count, coarses[low] == coarse else { return low }
    var high = partition { $0 <= coarse }
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// How many of the coarse keys are on the lower side.
  private func partition(_ isLower: (UInt64) -> Bool) -> Int {
    coarses.withUnsafeBufferPointer { coarses in
      var low = 0
      var rest = coarses.count
      while rest > 0 {
        let half = rest / 2
        let isRight = isLower(coarses[low + half])
        low = isRight ? low + half + 1 : low
        rest = isRight ? rest - half - 1 : half
      }
      return low
    }
  }
}

// What only reads.
extension TreeNode {
  func path(to key: Key) -> TreePath {
    let coarse = key.coarse
    var path = TreePath()
    var node = self
    while true {
      let slot = node.slot(of: key, coarse)
      let isHit = slot < node.keys.count && node.keys[slot] == key
      if isHit || node.isLeaf {
        path.stop(at: slot, isHit: isHit)
        return path
      }
      path.descend(to: slot)
      node = node.children[slot]
    }
  }

  func path(to index: Int) -> TreePath {
    var path = TreePath()
    var node = self
    var rest = index
    while !node.isLeaf {
      var slot = 0
      while slot < node.keys.count && rest > node.children[slot].count {
        rest -= node.children[slot].count + 1
        slot += 1
      }
      if slot < node.keys.count && rest == node.children[slot].count {
        path.stop(at: slot, isHit: true)
        return path
      }
      path.descend(to: slot)
      node = node.children[slot]
    }
    path.stop(at: rest, isHit: rest < node.keys.count)
    return path
  }

  /// The place in a leaf where something is inserted to have an index.
  func path(toInsertAt index: Int) -> TreePath {
    var path = TreePath()
    var node = self
    var rest = index
    while !node.isLeaf {
      var slot = 0
      while rest > node.children[slot].count {
        rest -= node.children[slot].count + 1
        slot += 1
      }
      path.descend(to: slot)
      node = node.children[slot]
    }
    path.stop(at: rest, isHit: false)
    return path
  }

  /// How many elements stand before a place.
  func index(of path: TreePath) -> Int {
    var node = self
    var index = 0
    for level in 0...path.end {
      let slot = path.slot(at: level)
      index += slot
      if node.isLeaf { break }
      for child in node.children.prefix(slot) { index += child.count }
      // An element of an inner node stands behind the child to its left.
      if level == path.end { index += node.children[slot].count }
      node = node.children[slot]
    }
    return index
  }

  func element(at path: TreePath) -> (key: Key, value: AnyObject) {
    var node = self
    for level in 0..<path.end { node = node.children[path.slot(at: level)] }
    let slot = path.slot(at: path.end)
    return (node.keys[slot], node.values[slot])
  }
}

// What writes. All of it begins at a node that its tree alone reaches.
extension TreeNode {
  func replace(with value: AnyObject, at path: TreePath, level: Int = 0) -> AnyObject {
    let slot = path.slot(at: level)
    guard level == path.end else {
      own(slot)
      return children[slot].replace(with: value, at: path, level: level + 1)
    }
    var value = value
    swap(&values[slot], &value)
    return value
  }

  /// Inserts an element; the node may be overfull afterwards.
  func insert(_ key: Key, _ value: AnyObject, at path: TreePath, level: Int = 0) {
    let slot = path.slot(at: level)
    count += 1
    guard level == path.end else {
      own(slot)
      children[slot].insert(key, value, at: path, level: level + 1)
      if children[slot].isOverfull { split(slot) }
      return
    }
    keys.insert(key, at: slot)
    coarses.insert(key.coarse, at: slot)
    values.insert(value, at: slot)
  }

  /// Removes an element; the node may have too few afterwards.
  func remove(at path: TreePath, level: Int = 0) -> (key: Key, value: AnyObject) {
    let slot = path.slot(at: level)
    count -= 1
    if level < path.end {
      own(slot)
      let removed = children[slot].remove(at: path, level: level + 1)
      mend(slot)
      return removed
    }
    if isLeaf {
      coarses.remove(at: slot)
      return (keys.remove(at: slot), values.remove(at: slot))
    }
    // The element before it, which stands in a leaf, takes its place.
    own(slot)
    var (key, value) = children[slot].removeLast()
    coarses[slot] = key.coarse
    swap(&keys[slot], &key)
    swap(&values[slot], &value)
    mend(slot)
    return (key, value)
  }

  private func removeLast() -> (key: Key, value: AnyObject) {
    count -= 1
    if isLeaf {
      coarses.removeLast()
      return (keys.removeLast(), values.removeLast())
    }
    let slot = children.count - 1
    own(slot)
    let removed = children[slot].removeLast()
    mend(slot)
    return removed
  }

  /// Makes two of an overfull child.
  private func split(_ slot: Int) {
    let left = children[slot]
    let middle = left.keys.count / 2
    let right = TreeNode(
      keys: Array(left.keys[(middle + 1)...]),
      coarses: Array(left.coarses[(middle + 1)...]),
      values: Array(left.values[(middle + 1)...]),
      children: left.isLeaf ? [] : Array(left.children[(middle + 1)...]),
      count: 0
    )
    keys.insert(left.keys[middle], at: slot)
    coarses.insert(left.coarses[middle], at: slot)
    values.insert(left.values[middle], at: slot)
    // Fresh arrays, because shrinking one would keep its room.
    left.keys = Array(left.keys[..<middle])
    left.coarses = Array(left.coarses[..<middle])
    left.values = Array(left.values[..<middle])
    if !left.isLeaf { left.children = Array(left.children[...middle]) }
    left.recount()
    right.recount()
    children.insert(right, at: slot + 1)
  }

  /// Helps a child that may have too few keys.
  private func mend(_ slot: Int) {
    guard children[slot].keys.count < Self.keysMin else { return }
    if slot > 0, children[slot - 1].keys.count > Self.keysMin {
      moveRight(from: slot - 1)
    } else if slot < keys.count, children[slot + 1].keys.count > Self.keysMin {
      moveLeft(from: slot + 1)
    } else {
      merge(slot == keys.count ? slot - 1 : slot)
    }
  }

  /// Moves the last element of a child up, and what it displaces down to the child's right.
  private func moveRight(from slot: Int) {
    own(slot)
    own(slot + 1)
    let (left, right) = (children[slot], children[slot + 1])
    right.keys.insert(keys[slot], at: 0)
    right.coarses.insert(coarses[slot], at: 0)
    right.values.insert(values[slot], at: 0)
    keys[slot] = left.keys.removeLast()
    coarses[slot] = left.coarses.removeLast()
    values[slot] = left.values.removeLast()
    if !left.isLeaf { right.children.insert(left.children.removeLast(), at: 0) }
    left.recount()
    right.recount()
  }

  /// Moves the first element of a child up, and what it displaces down to the child's left.
  private func moveLeft(from slot: Int) {
    own(slot - 1)
    own(slot)
    let (left, right) = (children[slot - 1], children[slot])
    left.keys.append(keys[slot - 1])
    left.coarses.append(coarses[slot - 1])
    left.values.append(values[slot - 1])
    keys[slot - 1] = right.keys.removeFirst()
    coarses[slot - 1] = right.coarses.removeFirst()
    values[slot - 1] = right.values.removeFirst()
    if !right.isLeaf { left.children.append(right.children.removeFirst()) }
    left.recount()
    right.recount()
  }

  /// Makes one of two neighbours and the element between them.
  private func merge(_ slot: Int) {
    own(slot)
    let (left, right) = (children[slot], children.remove(at: slot + 1))
    left.keys.append(keys.remove(at: slot))
    left.coarses.append(coarses.remove(at: slot))
    left.values.append(values.remove(at: slot))
    left.keys += right.keys
    left.coarses += right.coarses
    left.values += right.values
    left.children += right.children
    left.recount()
  }

  private func recount() {
    count = children.reduce(keys.count) { $0 + $1.count }
  }
}

extension TreeNode {
  /// Traps if a node breaks what makes the tree a tree.
  ///
  /// - Returns: The height of the node.
  @discardableResult
  func checkInvariants(isRoot: Bool = true, isStrict: Bool) -> Int {
    precondition(coarses == keys.map(\.coarse))
    precondition(keys.count == values.count && keys.count <= Self.keysMax)
    precondition(isRoot || keys.count >= Self.keysMin)
    precondition(zip(keys, keys.dropFirst()).allSatisfy { isStrict ? $0 < $1 : $0 <= $1 })
    precondition(children.isEmpty || children.count == keys.count + 1)
    precondition(children.reduce(keys.count) { $0 + $1.count } == count)
    let heights = children.map { $0.checkInvariants(isRoot: false, isStrict: isStrict) }
    precondition(Set(heights).count <= 1)
    for (slot, key) in keys.enumerated() where !children.isEmpty {
      guard let left = children[slot].keys.last, let right = children[slot + 1].keys.first else {
        preconditionFailure("an inner node has an empty child")
      }
      precondition(isStrict ? left < key && key < right : left <= key && key <= right)
    }
    return (heights.first ?? 0) + 1
  }
}

// Sound although the fields change: a node that a second tree can reach, on this thread or another,
// is never written to (`own`), and a count of one cannot rise but through the tree that writes.
extension TreeNode: @unchecked Sendable where Key: Sendable {}
