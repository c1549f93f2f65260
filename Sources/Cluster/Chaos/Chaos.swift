internal import CorfuProtocol
public import CorfuStripeMirror

/// A cluster of real processes that are killed, stopped, cut off from each other and from power,
/// get new certificates, and are looked after by operators, while programs write to it and read
/// from it; every few seconds its log is held against what the writers know.
public struct Chaos: Sendable {
  /// How large everything is.
  public struct Sizes: Hashable, Sendable {
    /// How many chains positions take turns over.
    public var stripes = 2
    /// How many units each chain has.
    public var replicas = 2
    /// How many more nodes stand by.
    public var spares = 1
    /// How many programs append at once, each one entry after the other.
    public var writers = 8
    /// How long faults go on before the log is looked at.
    public var round = Duration.seconds(20)
    /// Draws what breaks, as far as chance does; when, the machine says as well.
    public var seed = UInt64.random(in: 0...UInt64.max)

    /// As tests of an hour want it.
    public init() {}
  }

  /// Whether there is to be something that not every machine has.
  public enum Wish: String, Hashable, Sendable, CaseIterable {
    /// It must be there.
    case yes
    /// It is not wanted.
    case no
    /// It is used where it is there, and that it is not is told.
    case auto
  }

  /// What is to be broken besides processes.
  public struct Wishes: Hashable, Sendable {
    /// Whether the network is cut: ``NamespaceNetwork`` says what that needs.
    public var partitions = Wish.auto
    /// Whether nodes have certificates, which are made anew: the program openssl makes them.
    public var certificates = Wish.auto
    /// Whether operators do what they do where chance says what breaks: disks are lost, nodes
    /// replaced, added, removed, and restarted one after the other.
    public var hasOperators = false

    /// Whatever this machine has.
    public init() {}
  }

  private let folder: String
  private let program: String
  private let sizes: Sizes
  private let wishes: Wishes
  private let tell: @Sendable (String) -> Void

  /// Chaos in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the cluster's files go; its nodes are made there.
  ///   - program: The program that runs a node.
  ///   - sizes: How large everything is.
  ///   - wishes: What is broken besides processes.
  ///   - tell: Hears what this machine lacks, of each fault, and of each look at the log, in a
  ///     line.
  public init(
    in folder: String,
    program: String,
    sizes: Sizes = Sizes(),
    wishes: Wishes = Wishes(),
    tell: @escaping @Sendable (String) -> Void
  ) {
    self.folder = folder
    self.program = program
    self.sizes = sizes
    self.wishes = wishes
    self.tell = tell
  }

  /// Starts a cluster, breaks it for a while, by chance, and ends it.
  ///
  /// - Parameter duration: For how long.
  /// - Returns: What came of it.
  /// - Throws: ``ChaosError``, if it could not be begun, or does not heal.
  public func run(for duration: Duration) async throws(ChaosError) -> ChaosReport {
    try await run(.drawn(for: duration))
  }

  /// Starts a cluster, breaks it as it is told, looks at its log, and ends it.
  ///
  /// - Parameter steps: What happens, one after the other, in a cluster with this first layout.
  /// - Returns: What came of it.
  /// - Throws: ``ChaosError``, if it could not be begun, or does not heal.
  public func run(
    _ steps: @escaping @Sendable (Layout) -> [ChaosStep]
  ) async throws(ChaosError) -> ChaosReport {
    try await run(.told(steps))
  }

  private func run(_ plan: ChaosPlan) async throws(ChaosError) -> ChaosReport {
    // Nobody is left to end the nodes if this program is killed.
    let leash = ProcessLeash()
    let network = try makeNetwork(on: leash)
    let roster: ChaosRoster
    let cluster: LocalCluster
    let result: Result<ChaosReport, ChaosError>
    do throws(ChaosError) {
      let isEncrypted = try hasCertificates()
      cluster = LocalCluster(
        in: folder,
        program: program,
        leash: leash,
        network: network,
        isEncrypted: isEncrypted
      )
      roster = ChaosRoster(try makeMembers(of: cluster), seed: sizes.seed)
      result = await self.result(of: plan, cluster, network, roster)
    } catch {
      network?.end()
      throw error
    }
    await cluster.kill(roster.members)
    network?.end()
    return try result.get()
  }

  private func result(
    of plan: ChaosPlan,
    _ cluster: LocalCluster,
    _ network: NamespaceNetwork?,
    _ roster: ChaosRoster
  ) async -> Result<ChaosReport, ChaosError> {
    do throws(ChaosError) {
      let members = roster.members
      let (mine, security) = try await begin(members, of: cluster)
      let log = try await open(members, security)
      let run = ChaosRun(
        hands: ChaosHands(
          cluster: cluster,
          network: network,
          security: security,
          roster: roster,
          hand: ChaosOperator(cluster: cluster, roster: roster, security: mine)
        ),
        roster: roster,
        log: log,
        sizes: sizes,
        hasOperators: wishes.hasOperators,
        tell: tell
      )
      let result = await run.result(of: plan)
      await log.close()
      return result
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Beginning

  /// The network for the nodes; `nil` for this program's own.
  private func makeNetwork(on leash: ProcessLeash?) throws(ChaosError) -> NamespaceNetwork? {
    if wishes.partitions == .no { return nil }
    let obstacle: NamespaceError
    do throws(NamespaceError) {
      guard let leash else { throw NamespaceError(reason: "the system has no pipe") }
      return try NamespaceNetwork(on: leash)
    } catch {
      obstacle = error
    }
    if wishes.partitions == .yes { throw .noPartitions(obstacle) }
    tell("no partitions: \(obstacle)")
    return nil
  }

  private func hasCertificates() throws(ChaosError) -> Bool {
    if wishes.certificates == .no { return false }
    if CertificateAuthority.hasOpenSSL { return true }
    let reason = "there is no program 'openssl'"
    if wishes.certificates == .yes { throw .noCertificates(reason) }
    tell("no certificates: \(reason)")
    return false
  }

  private func makeMembers(
    of cluster: LocalCluster
  ) throws(ChaosError) -> [LocalCluster.Member] {
    do throws(LocalClusterError) {
      var members: [LocalCluster.Member] = []
      for _ in 0..<sizes.stripes * sizes.replicas + sizes.spares {
        members.append(try cluster.add())
      }
      return members
    } catch {
      throw .cluster(error)
    }
  }

  /// Starts all nodes, and begins.
  ///
  /// - Returns: How operators and clients come in.
  private func begin(
    _ members: [LocalCluster.Member],
    of cluster: LocalCluster
  ) async throws(ChaosError) -> (operators: Security, clients: Security) {
    do throws(LocalClusterError) {
      for member in members { try cluster.start(member.node) }
      let begun = try await cluster.begin(
        members,
        stripes: sizes.stripes,
        replicas: sizes.replicas,
        patience: .seconds(60)
      )
      await begun.network.close()
      let operators = try cluster.security(as: .operator)
      return (operators, try cluster.security(as: .client))
    } catch {
      throw .cluster(error)
    }
  }

  private func open(
    _ members: [LocalCluster.Member],
    _ security: Security
  ) async throws(ChaosError) -> LogConnection {
    do throws(LogConnectionError) {
      return try await LogConnection.open(
        to: members.map(\.address.description),
        security: security
      )
    } catch {
      throw .notConnected(error)
    }
  }
}

/// What is to happen.
enum ChaosPlan: Sendable {
  /// Whatever chance brings, for a while.
  case drawn(for: Duration)
  /// What somebody says, in a cluster with this first layout.
  case told(@Sendable (Layout) -> [ChaosStep])
}
