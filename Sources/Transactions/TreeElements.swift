/// The elements of a tree, or of a part of it, in order, up or down.
///
/// It holds on to the tree as it was: changes made meanwhile do not show.
public struct TreeElements<Key: TreeKey, Value>: Sequence, IteratorProtocol {
  /// A node on the way, and the slot of the next element there.
  private var way: [(node: TreeNode<Key>, slot: Int)] = []
  private let order: TreeOrder
  /// Beyond which key it ends.
  private let end: KeyBound<Key>?

  init(_ root: TreeNode<Key>, _ interval: some KeyInterval<Key>, _ order: TreeOrder) {
    self.order = order
    end = order == .ascending ? interval.upper : interval.lower
    let begin = order == .ascending ? interval.lower : interval.upper
    var node = root
    while true {
      let slot = Self.slot(beyond: begin, in: node, order)
      way.append((node, slot))
      if node.isLeaf { break }
      node = node.children[slot]
    }
  }

  /// The slot of the first key at or after a bound; on the way down, one behind the last before it.
  private static func slot(
    beyond bound: KeyBound<Key>?,
    in node: TreeNode<Key>,
    _ order: TreeOrder
  ) -> Int {
    guard let bound else { return order == .ascending ? 0 : node.keys.count }
    let slot = node.slot(of: bound.key, bound.key.coarse)
    let isThere = slot < node.keys.count && node.keys[slot] == bound.key
    let skips = isThere && (order == .ascending) != bound.isIncluded
    return skips ? slot + 1 : slot
  }

  /// The next element; `nil` at the end.
  public mutating func next() -> (key: Key, value: Value)? {
    order == .ascending ? nextUp() : nextDown()
  }

  private mutating func nextUp() -> (key: Key, value: Value)? {
    while let (node, slot) = way.last {
      guard slot < node.keys.count else {
        way.removeLast()
        continue
      }
      let key = node.keys[slot]
      if let end, end.isIncluded ? key > end.key : key >= end.key {
        way.removeAll()
        return nil
      }
      way[way.count - 1].slot += 1
      descend(from: node, to: slot + 1)
      return (key, OrderedTree<Key, Value>.open(node.values[slot]))
    }
    return nil
  }

  private mutating func nextDown() -> (key: Key, value: Value)? {
    while let (node, slot) = way.last {
      guard slot > 0 else {
        way.removeLast()
        continue
      }
      let key = node.keys[slot - 1]
      if let end, end.isIncluded ? key < end.key : key <= end.key {
        way.removeAll()
        return nil
      }
      way[way.count - 1].slot -= 1
      descend(from: node, to: slot - 1)
      return (key, OrderedTree<Key, Value>.open(node.values[slot - 1]))
    }
    return nil
  }

  /// Goes down to the leaf with the next element, if there are leaves below.
  private mutating func descend(from node: TreeNode<Key>, to slot: Int) {
    guard !node.isLeaf else { return }
    var next = node.children[slot]
    while true {
      way.append((next, order == .ascending ? 0 : next.keys.count))
      guard let child = order == .ascending ? next.children.first : next.children.last else {
        return
      }
      next = child
    }
  }
}

extension TreeElements: Sendable where Key: Sendable, Value: Sendable {}

/// In which order elements come.
public enum TreeOrder: Sendable {
  /// The smallest key first.
  case ascending
  /// The largest key first.
  case descending
}

extension OrderedTree: Sequence {
  /// All elements, the smallest key first.
  public func makeIterator() -> TreeElements<Key, Value> {
    elements()
  }

  /// All elements in order.
  public func elements(_ order: TreeOrder = .ascending) -> TreeElements<Key, Value> {
    TreeElements(root, EveryKey(), order)
  }

  /// The elements whose keys lie in an interval, in order, up or down.
  ///
  /// The first comes after O(log *n*).
  /// - Parameters:
  ///   - interval: Such as `"a"..<"c"`, `"a"...` or `..<"c"`.
  ///   - order: Which comes first.
  /// - Returns: The elements as they are now.
  public func elements(
    in interval: some KeyInterval<Key>,
    _ order: TreeOrder = .ascending
  ) -> TreeElements<Key, Value> {
    TreeElements(root, interval, order)
  }

  /// A number that is not larger than the count.
  public var underestimatedCount: Int { count }
}
