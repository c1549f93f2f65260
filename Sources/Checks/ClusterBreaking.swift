/// What is done to the processes of a cluster: the part that exercise 8.4 builds.
public protocol ClusterBreaking: Sendable {
  /// Blows after which nothing can be appended any more.
  static var fatal: [Blow] { get }

  /// Blows that hit the same processes, and the log goes on.
  static var survived: [Blow] { get }
}

/// Something that is done to a cluster of five processes.
public enum Blow: Hashable, Sendable {
  /// The process of a node is killed, as by `kill -9`.
  case kill(Int)
  /// Time passes, until the monitors have mended what they can.
  case mend
}

/// Two deaths that stop the log, and the same two with some time between them.
public enum ClusterBreaker: ClusterBreaking {
  // exercise 8.4: two deaths that stop the log, and the same two deaths that do not
  public static var fatal: [Blow] {
    [.kill(1), .kill(3)]
  }

  public static var survived: [Blow] {
    [.kill(1), .mend, .kill(3)]
  }
  // end 8.4
}

/// The checks of exercise 8.4, on a cluster of real processes.
public struct ClusterBreakingChecks<Breaker: ClusterBreaking>: Sendable {
  /// Checks for blows.
  public init() {}

  private typealias Promise = Invariant.Chapter8

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "8.4.1",
        Promise.standing,
        often: "A chain with a survivor can be mended, and with its whole chain dead appends go to "
          + "the other one. But nobody can mend anything without more than half of the acceptors.",
        isSlow: true
      ) { _ throws(CheckFailure) in
        try ProcessScene.play(Breaker.fatal, isFatal: true, like: nil)
      },
      Check(
        "8.4.2",
        Promise.standing,
        often:
          "Between the two the monitors need time: a layout without the first of them has other "
          + "acceptors, and is written by those.",
        isSlow: true
      ) { _ throws(CheckFailure) in
        try ProcessScene.play(Breaker.survived, isFatal: false, like: Breaker.fatal)
      },
    ]
  }
}

/// A cluster of processes that is hit.
private struct ProcessScene {
  private static var nodes: ClosedRange<Int> { 1...5 }
  private static var entries: [String] { ["A = 1", "B = 5", "A = 2", "B = 6"] }

  private var cluster: ProcessCluster?
  private var dead: Set<Int> = []
  private var events: [String] = []

  /// Hits a cluster, and looks whether it is as it should be.
  static func play(
    _ blows: [Blow],
    isFatal: Bool,
    like other: [Blow]?
  ) throws(CheckFailure) -> CheckTrace {
    var scene = ProcessScene()
    defer { scene.cluster?.end() }
    try scene.prove(blows, isFatal: isFatal, like: other)
    return CheckTrace(events: scene.events)
  }

  private func failure(_ finding: String, often: String? = nil) -> CheckFailure {
    CheckFailure(finding, events: events, often: often)
  }

  /// Looks at the blows; nothing runs yet.
  private func judge(_ blows: [Blow], isFatal: Bool, like other: [Blow]?) throws(CheckFailure) {
    let killed = Self.killed(by: blows)
    let two = "Each of both lists names the same two nodes of n1 to n5, each of them once."
    if let stranger = killed.first(where: { !Self.nodes.contains($0) }) {
      throw failure("there is no n\(stranger): there are n1 to n5", often: two)
    }
    if Set(killed).count < killed.count { throw failure("nobody dies twice", often: two) }
    if killed.count > 2 {
      throw failure("\(killed.count) deaths are too many: two are enough", often: two)
    }
    if isFatal, blows.contains(.mend) {
      throw failure(
        "nobody may have time to mend anything",
        often: "'mend' is for 'survived'. In 'fatal' there are deaths alone, one right after the "
          + "other."
      )
    }
    if let other, Set(Self.killed(by: other)) != Set(killed) {
      throw failure("these are not the deaths that stopped the log", often: two)
    }
  }

  private static func killed(by blows: [Blow]) -> [Int] {
    blows.compactMap { blow in
      if case .kill(let node) = blow { node } else { nil }
    }
  }

  private mutating func begin() throws(CheckFailure) -> ProcessCluster {
    guard let program = ProcessCluster.program else {
      TODO("8.4 build the program first, with 'swift build --product corfu'")
    }
    events.append("n1 -> n2 and n3 -> n4 keep entries; n5 hands out positions, and stands by")
    events.append("n1, n2 and n3 vote")
    let cluster = try ProcessCluster(running: program)
    self.cluster = cluster
    try cluster.start()
    return cluster
  }

  private mutating func prove(
    _ blows: [Blow],
    isFatal: Bool,
    like other: [Blow]?
  ) throws(CheckFailure) {
    try judge(blows, isFatal: isFatal, like: other)
    let cluster = try begin()
    guard cluster.append(Self.entries, attempts: 3) else {
      throw failure(
        "the cluster did not even begin: \(cluster.lastWords)",
        often: "The program is older than the course, or the machine is busy: 'swift build "
          + "--product corfu', and once more."
      )
    }
    events.append("\(Self.entries.count) entries are appended")
    for blow in blows { hit(blow, cluster) }
    let goesOn = cluster.append(["A = 3"], attempts: 3)
    events.append("one more entry  <- \(goesOn ? "appended" : "an error, again and again")")
    if isFatal, goesOn { throw failure("the log goes on") }
    if isFatal { return }
    if !goesOn { throw failure("the log stands still") }
    let found = cluster.scan()
    events.append("all is read  <- \(found.count) entries")
    if let lost = (Self.entries + ["A = 3"]).first(where: { !found.contains($0) }) {
      throw failure("'\(lost)' was appended, and is not there any more")
    }
  }

  private mutating func hit(_ blow: Blow, _ cluster: ProcessCluster) {
    switch blow {
    case .kill(let node):
      cluster.kill(node)
      dead.insert(node)
      events.append("---- n\(node) is killed ----")
    case .mend:
      let isMended = cluster.waitUntilMended(without: dead)
      events.append("time passes  <- \(isMended ? "mended" : "not mended")")
    }
  }
}
