import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

/// Two looks at a cluster as a table: how each node is and what it did between them, and the sums.
struct TopTable {
  let before: ClusterReading
  let after: ClusterReading

  /// What it comes to.
  var answer: ClusterAnswer {
    var rows = after.nodes.map { row(of: $0) }
    rows.append(sums)
    let verdict = after.verdict
    return .screen([verdict.headline, place], FactTable(of: "node", rows))
  }

  /// The epoch, and where the log ends.
  private var place: String {
    let epoch = "epoch \(after.layout.epoch)"
    guard let tail = after.tail else { return "\(epoch); nobody tells where the log ends" }
    let end = "\(epoch); the log ends at \(tail.value)"
    guard let old = before.tail, old.value <= tail.value else { return end }
    let seconds = max((tail.time - old.time) / .seconds(1), 0.001)
    let rate = Double(old.value.distance(to: tail.value)) / seconds
    return "\(end), \(Numbers.grouped(Self.whole(rate))) positions a second"
  }

  private func rates(of node: NodeID) -> NodeRates? {
    guard let old = before.meters[node], let new = after.meters[node] else { return nil }
    return NodeRates(from: old.value, to: new.value, within: new.time - old.time)
  }

  private func row(of node: NodeID) -> FactTable.Row {
    let status = after.look.statuses[node]
    let meters = after.meters[node]?.value
    let health = NodeWords.health(of: node, in: after.layout, after.look)
    let epoch = status?.newest.map { Fact.Value.count(Int(clamping: $0.epoch.number)) }
    return FactTable.Row(
      "\(node)",
      [
        Fact("state", .text(health)),
        Fact("does", .text(NodeWords.role(of: node, in: after.layout))),
        Fact("epoch", epoch ?? Self.unknown),
      ] + figures(rates(of: node), meters, isUnit: status?.unit != nil)
    )
  }

  private func figures(_ rates: NodeRates?, _ meters: NodeMeters?, isUnit: Bool) -> [Fact] {
    let isSequencer = (meters?.tokens ?? 0) > 0
    func rate(_ value: Double?, _ isShown: Bool) -> Fact.Value {
      guard let value, isShown else { return Self.unknown }
      return .count(Self.whole(value))
    }
    return [
      Fact("appends/s", rate(rates?.appends, isUnit)), Fact("reads/s", rate(rates?.reads, isUnit)),
      Fact("tokens/s", rate(rates?.tokens, isSequencer)),
      Fact("p99 sync", rates?.sync?.value ?? Self.unknown),
      Fact("p99 append", rates?.write?.value ?? Self.unknown),
      Fact("queue", Self.count(meters?.requests)),
      Fact("live", Self.bytes(meters?.space?.liveBytes)),
      Fact("left", Self.bytes(meters?.freeBytes)),
      Fact("filled", Self.count(isUnit ? meters?.fills : nil)),
    ]
  }

  /// All nodes together.
  ///
  /// Every unit of a chain writes what is appended, so the heads of chains count it; and of the
  /// room that is left the least is told, since the first full disk refuses.
  private var sums: FactTable.Row {
    let heads = Set((after.layout.spans.last?.stripes ?? []).compactMap(\.replicas.first?.node))
    let all = after.nodes.compactMap { rates(of: $0) }
    let leading = after.nodes.filter(heads.contains)
    let appends = leading.compactMap { rates(of: $0) }.reduce(0) { $0 + $1.appends }
    let fills = leading.compactMap { after.meters[$0]?.value.fills }
    let meters = after.nodes.compactMap { after.meters[$0]?.value }
    let left = meters.compactMap(\.freeBytes).min()
    return FactTable.Row(
      "all",
      [
        Fact("state", Self.unknown), Fact("does", Self.unknown), Fact("epoch", Self.unknown),
        Fact("appends/s", .count(Self.whole(appends))),
        Fact("reads/s", .count(Self.whole(all.reduce(0) { $0 + $1.reads }))),
        Fact("tokens/s", .count(Self.whole(all.reduce(0) { $0 + $1.tokens }))),
        Fact("p99 sync", Self.slowest(all.compactMap(\.sync))),
        Fact("p99 append", Self.slowest(all.compactMap(\.write))),
        Fact("queue", .count(Self.sum(meters.map(\.requests)))),
        Fact("live", .bytes(Self.sum(meters.compactMap(\.space?.liveBytes)))),
        Fact("left", Self.bytes(left)),
        Fact("filled", .count(Self.sum(fills))),
      ]
    )
  }

  private static let unknown = Fact.Value.text("")

  private static func count(_ count: Int?) -> Fact.Value {
    guard let count else { return unknown }
    return .count(count)
  }

  private static func bytes(_ bytes: Int?) -> Fact.Value {
    guard let bytes else { return unknown }
    return .bytes(bytes)
  }

  private static func slowest(_ bounds: [DurationBound]) -> Fact.Value {
    let slowest = bounds.max { one, other in
      (one.duration, one.isExceeded ? 1 : 0) < (other.duration, other.isExceeded ? 1 : 0)
    }
    return slowest?.value ?? unknown
  }

  /// A rate as people read it; what nodes tell is not trusted to be small.
  private static func whole(_ rate: Double) -> Int { Int(min(max(rate, 0), 1e15).rounded()) }

  private static func sum(_ counts: [Int]) -> Int {
    counts.reduce(0) { sum, count in
      let (next, isOver) = sum.addingReportingOverflow(count)
      return isOver ? .max : next
    }
  }
}
