// Goal: a tree is a sorted dictionary; its copies keep what they had; its nodes are well formed.
// Method: the same random operations on a tree and on a dictionary, with copies taken on the way.
import CorfuSimulation
import Testing

@testable import CorfuTransactions

/// Keys whose coarse form tells some of them apart, and some not.
private struct BluntKey: TreeKey, Hashable {
  let number: Int
  var coarse: UInt64 { UInt64(number / 16) }

  static func < (left: BluntKey, right: BluntKey) -> Bool {
    left.number < right.number
  }
}

struct OrderedTreeTests {
  private typealias Tree = OrderedTree<BluntKey, Int>
  private typealias Model = [BluntKey: Int]

  private func expectSame(_ tree: Tree, _ model: Model) {
    tree.root.checkInvariants(isStrict: true)
    let sorted = model.sorted { $0.key < $1.key }
    #expect(tree.count == sorted.count && tree.isEmpty == sorted.isEmpty)
    #expect(zip(tree, sorted).allSatisfy { $0.key == $1.key && $0.value == $1.value })
    #expect(Array(tree).count == sorted.count)
    #expect(tree.first?.key == sorted.first?.key && tree.last?.key == sorted.last?.key)
    #expect(
      zip(tree.elements(.descending), sorted.reversed()).allSatisfy { $0.key == $1.key }
    )
    #expect(
      sorted.enumerated().allSatisfy { index, element in
        tree.element(at: index).key == element.key && tree.index(of: element.key) == index
      }
    )
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func likeADictionary(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var tree = Tree()
    var model = Model()
    var copies: [(Tree, Model)] = []
    // It grows, then shrinks, so that nodes split and melt on every level.
    for step in 0..<6_000 {
      let key = BluntKey(number: random.number(below: 5_000))
      if random.chance(step < 3_500 ? 0.8 : 0.15) {
        let old = tree.updateValue(step, forKey: key)
        if old != model.updateValue(step, forKey: key) { Issue.record("step \(step)") }
      } else if random.chance(0.5), !tree.isEmpty {
        let index = random.number(below: tree.count)
        let removed = tree.remove(at: index)
        if model.removeValue(forKey: removed.key) != removed.value { Issue.record("\(step)") }
      } else {
        let old = tree.removeValue(forKey: key)
        if old != model.removeValue(forKey: key) { Issue.record("step \(step)") }
      }
      let isThere = tree.contains(key)
      if tree[key] != model[key] || isThere != (model[key] != nil) { Issue.record("\(step)") }
      if random.chance(0.003) { copies.append((tree, model)) }
      if step % 1_000 == 0 { expectSame(tree, model) }
    }
    for index in copies.indices {
      expectSame(copies[index].0, copies[index].1)
      // A copy is changed in its turn, and its siblings do not notice.
      copies[index].0.removeValue(forKey: BluntKey(number: index))
      copies[index].1.removeValue(forKey: BluntKey(number: index))
    }
    for (tree, model) in copies { expectSame(tree, model) }
    expectSame(tree, model)
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1_000, 5_000], [true, false])
  func filledAndEmptiedInOrder(count: Int, isUp: Bool) {
    var tree = OrderedTree<Int, String>()
    let keys = isUp ? Array(0..<count) : (0..<count).reversed()
    for key in keys { tree[key] = String(key) }
    tree.root.checkInvariants(isStrict: true)
    #expect(tree.map(\.key) == Array(0..<count))
    for (left, key) in keys.enumerated() {
      #expect(tree.removeValue(forKey: key) == String(key) && tree.count == count - left - 1)
      if left % 37 == 0 { tree.root.checkInvariants(isStrict: true) }
    }
    #expect(tree.isEmpty && tree.first == nil && tree.last == nil)
  }

  @Test(arguments: [0, 1, 5, 63, 64, 300])
  func intervals(count: Int) {
    // Even keys, so that bounds fall on keys and between them.
    let keys = (0..<count).map { $0 * 2 }
    var tree = OrderedTree<Int, Int>()
    for key in keys { tree[key] = key }
    let step = max(1, count / 12)
    for low in stride(from: -1, through: count * 2 + 1, by: step) {
      expect(tree, in: low..., gives: keys.filter { $0 >= low })
      expect(tree, in: ..<low, gives: keys.filter { $0 < low })
      expect(tree, in: ...low, gives: keys.filter { $0 <= low })
      for high in stride(from: low, through: count * 2 + 1, by: step) {
        expect(tree, in: low..<high, gives: keys.filter { low <= $0 && $0 < high })
        expect(tree, in: low...high, gives: keys.filter { low <= $0 && $0 <= high })
      }
    }
    expect(tree, in: EveryKey(), gives: keys)
  }

  private func expect(
    _ tree: OrderedTree<Int, Int>,
    in interval: some KeyInterval<Int>,
    gives keys: [Int]
  ) {
    #expect(tree.elements(in: interval).map(\.key) == keys)
    #expect(tree.elements(in: interval, .descending).map(\.value) == keys.reversed())
  }

  @Test func iterationSeesTheTreeAsItWas() {
    var tree = OrderedTree<Int, Int>()
    for key in 0..<500 { tree[key] = key }
    var seen: [Int] = []
    for (key, _) in tree {
      seen.append(key)
      tree[key] = nil
    }
    #expect(seen == Array(0..<500) && tree.isEmpty)
  }

  @Test func aSharedTreeIsCopiedAlongOnePath() {
    var tree = OrderedTree<Int, Int>()
    for key in 0..<20_000 { tree[key] = key }
    let before = Nodes(tree).names
    tree[500] = 0
    // Nobody shares it: nothing is copied.
    #expect(Nodes(tree).names == before)
    let copy = tree
    let shared = Nodes(copy)
    tree[500] = 1
    let height = tree.root.checkInvariants(isStrict: true)
    #expect(Nodes(tree).names.subtracting(shared.names).count == height)
    #expect(copy[500] == 0 && tree[500] == 1)
  }

  @Test func equalWhateverTheNodes() {
    var (up, down) = (OrderedTree<Int, Int>(), OrderedTree<Int, Int>())
    for key in 0..<300 {
      up[key] = key
      down[299 - key] = 299 - key
    }
    #expect(up == down)
    down[7] = 8
    #expect(up != down)
  }
}

/// The nodes of a tree, held so that no address is used twice.
private struct Nodes {
  private let nodes: [TreeNode<Int>]

  init(_ tree: OrderedTree<Int, Int>) {
    var nodes = [tree.root]
    var index = 0
    while index < nodes.count {
      nodes += nodes[index].children
      index += 1
    }
    self.nodes = nodes
  }

  var names: Set<ObjectIdentifier> { Set(nodes.map(ObjectIdentifier.init)) }
}
