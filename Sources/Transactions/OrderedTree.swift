/// A sorted table whose copies cost nothing.
///
/// All states in the box stand on it: maps, sets, lists and queues. Copying a tree is O(1). A
/// change copies what it must: nothing in a tree of which there is no copy, else the nodes on one
/// path. So a transaction's own view, a snapshot and a checkpoint in the making share what they
/// have in common.
///
/// ```swift
/// var ages: OrderedTree<String, Int> = OrderedTree()
/// ages.updateValue(30, forKey: "alice")
/// let before = ages                       // O(1)
/// ages.updateValue(31, forKey: "alice")   // `before` still says 30
/// for (name, age) in ages.elements(in: "a"..<"c") { print(name, age) }
/// ```
/// Finding, inserting and removing take O(log *n*), whether by key or by index.
///
/// It is a B-tree: each node holds up to 63 keys in order, and between two of them a child with the
/// keys that lie between. Each node but the root is at least half full, and all leaves are equally
/// deep.
public struct OrderedTree<Key: TreeKey, Value> {
  private(set) var root: TreeNode<Key>

  /// The empty tree.
  public init() {
    root = TreeNode()
  }

  /// How many keys there are.
  public var count: Int { root.count }

  /// Whether there are no keys.
  public var isEmpty: Bool { root.count == 0 }

  /// The smallest key, with its value.
  public var first: (key: Key, value: Value)? { isEmpty ? nil : element(at: 0) }

  /// The largest key, with its value.
  public var last: (key: Key, value: Value)? { isEmpty ? nil : element(at: count - 1) }

  /// The value of a key; assigning `nil` removes it.
  @inline(__always)
  public subscript(key: Key) -> Value? {
    get {
      let path = root.path(to: key)
      return path.isHit ? Self.open(root.element(at: path).value) : nil
    }
    set {
      if let newValue { updateValue(newValue, forKey: key) } else { removeValue(forKey: key) }
    }
  }

  /// Whether there is a value for a key.
  @inline(__always)
  public func contains(_ key: Key) -> Bool {
    root.path(to: key).isHit
  }

  /// How many keys are smaller than this one.
  @inline(__always)
  public func index(of key: Key) -> Int {
    root.index(of: root.path(to: key))
  }

  /// The key at a place in the order, with its value.
  ///
  /// - Precondition: 0 ≤ `index` < `count`.
  @inline(__always)
  public func element(at index: Int) -> (key: Key, value: Value) {
    precondition(0 <= index && index < count, "there is no element \(index) of \(count)")
    let (key, value) = root.element(at: root.path(to: index))
    return (key, Self.open(value))
  }

  /// Gives a key a value, and returns the one it had.
  @discardableResult
  @inline(__always)
  public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let path = root.path(to: key)
    own()
    if path.isHit { return Self.open(root.replace(with: Box(value), at: path)) }
    insert(key, Box(value), at: path)
    return nil
  }

  /// Takes a key away, and returns the value it had.
  @discardableResult
  @inline(__always)
  public mutating func removeValue(forKey key: Key) -> Value? {
    let path = root.path(to: key)
    return path.isHit ? remove(at: path).value : nil
  }

  /// Takes away what is at a place in the order, and returns it.
  ///
  /// - Precondition: 0 ≤ `index` < `count`.
  @discardableResult
  @inline(__always)
  public mutating func remove(at index: Int) -> (key: Key, value: Value) {
    precondition(0 <= index && index < count, "there is no element \(index) of \(count)")
    return remove(at: root.path(to: index))
  }

  /// Puts an element before the one at `index`, or at the end.
  ///
  /// For trees whose keys are all equal, which lists are: the caller answers for the order.
  mutating func insert(_ key: Key, _ value: Value, at index: Int) {
    let path = root.path(toInsertAt: index)
    own()
    insert(key, Box(value), at: path)
  }

  /// Gives the element at `index` another value, and returns the one it had.
  mutating func replaceValue(at index: Int, with value: Value) -> Value {
    let path = root.path(to: index)
    own()
    return Self.open(root.replace(with: Box(value), at: path))
  }

  /// The root is about to change: if others share it, they keep the old one.
  @inline(__always)
  private mutating func own() {
    if !isKnownUniquelyReferenced(&root) { root = root.copy() }
  }

  @inline(__always)
  private mutating func insert(_ key: Key, _ value: AnyObject, at path: TreePath) {
    root.insert(key, value, at: path)
    if root.isOverfull { root = TreeNode(over: root) }
  }

  @inline(__always)
  private mutating func remove(at path: TreePath) -> (key: Key, value: Value) {
    own()
    let (key, value) = root.remove(at: path)
    if root.keys.isEmpty, let only = root.children.first { root = only }
    return (key, Self.open(value))
  }
}

extension OrderedTree {
  /// A value by itself.
  private final class Box {
    let value: Value

    init(_ value: Value) {
      self.value = value
    }
  }

  static func open(_ box: AnyObject) -> Value {
    unsafeDowncast(box, to: Box.self).value
  }
}

extension OrderedTree: Sendable where Key: Sendable, Value: Sendable {}

extension OrderedTree: Equatable where Value: Equatable {
  /// Whether both have the same keys and values, however their nodes are cut.
  public static func == (left: OrderedTree, right: OrderedTree) -> Bool {
    left.root === right.root
      || left.count == right.count
        && zip(left, right).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}
