// What is told of Redis servers beside the log.

extension ClusterReport {
  var redisSections: [Report.Section] {
    if series.redis.isEmpty { return [] }
    let single = zip(sizes.outstanding, series.redis).flatMap { count, theirs -> [Figure] in
      besides(128, count, theirs, "redis", budget: nil)
    }
    let copied = zip(sizes.appends, series.redises).flatMap { size, theirs -> [Figure] in
      // With one at a time no budget was set.
      let least: Double? = size.outstanding == 1 ? nil : size.bytes <= 128 ? 2 : 3.5
      return besides(
        size.bytes,
        size.outstanding,
        theirs,
        "redis + replica",
        budget: least.map { .ratio(atLeast: $0) }
      )
    }
    return [
      Report.Section(
        "Beside it: redis-server, one node without a replica, XADD, appendfsync always",
        single
      ),
      Report.Section(
        "Beside it: redis-server and a replica, XADD, and one WAIT 1 behind all that are on their "
          + "way, appendfsync always on both",
        copied
      ),
    ]
  }

  /// A server's figure, and this log's beside it.
  private func besides(
    _ bytes: Int,
    _ count: Int,
    _ theirs: Series,
    _ server: String,
    budget: Budget?
  ) -> [Figure] {
    let name = "\(server), \(Self.name(bytes, count))"
    let beside = Figure(name, rate: theirs)
    guard let ours = appends(of: bytes, outstanding: count) else { return [beside] }
    let ratio = ours.ratio(to: theirs, \.operationsPerSecond)
    return [
      beside,
      Figure("this log, \(Self.name(bytes, count))", rate: ours)
        .against(name, ratio: ratio, budget: budget),
    ]
  }
}
