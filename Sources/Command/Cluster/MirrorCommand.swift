import ArgumentParser
import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Synchronization

/// `corfu mirror`.
struct MirrorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mirror",
    abstract: "Keep a copy of a cluster's log in another cluster, until Ctrl-C.",
    discussion: """
      Nobody else may write to the other cluster. How far the copy is behind, in positions and in \
      time, is told on standard error: every second on a terminal, and every ten elsewhere. It can \
      be ended and begun again at any time, and goes on where it was.

      A mirror cannot slow down those who write to the log: as long as they append faster than the \
      other cluster takes entries, the copy falls behind, in entries but not in memory. With \
      --lag-max or --lag-seconds-max it says so, once the copy has been further behind for 5 s, \
      and again when that is over. Ended by Ctrl-C or SIGTERM, its exit status is 0, or 1 if the \
      copy is too far behind at that time.

      With --admin it tells the same over HTTP, as nodes do: /health, /ready and /metrics, which \
      docs/metrics.md lists.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Option(
    help: ArgumentHelp(
      "Nodes of the cluster that is to be the copy, with commas between them.",
      valueName: "host:port,…"
    )
  )
  var to: String

  @Option(help: "This program's certificate for the copy, PEM, if that has certificates.")
  var toCertificate: String?

  @Option(help: "Its key, PEM.")
  var toKey: String?

  @Option(help: "The certificate of the copy's authority, PEM.")
  var toAuthority: String?

  @Option(
    help: ArgumentHelp(
      "Warn while the copy is more than so many positions behind.",
      valueName: "positions"
    )
  )
  var lagMax: Int?

  @Option(
    help: ArgumentHelp("Warn while the copy is more than so far behind.", valueName: "seconds")
  )
  var lagSecondsMax: Double?

  @Option(
    help: ArgumentHelp(
      "Where to serve /health, /ready and /metrics over HTTP.",
      valueName: "host:port"
    )
  )
  var admin: String?

  @Flag(help: "Let other machines reach --admin: it changes nothing, and nothing protects it.")
  var adminOpen = false

  func validate() throws {
    let given = [toCertificate, toKey, toAuthority].compactMap(\.self).count
    if given != 0, given != 3 {
      throw ValidationError(
        "--to-certificate, --to-key and --to-authority belong together: give all three"
      )
    }
    _ = try targets()
    _ = try door()
    if let lagMax, lagMax < 1 { throw ValidationError("--lag-max takes 1 or more") }
    if let lagSecondsMax, !(lagSecondsMax >= 0.1 && lagSecondsMax <= 86_400) {
      throw ValidationError("--lag-seconds-max takes 0.1 to 86400")
    }
  }

  private func targets() throws(ValidationError) -> [NodeAddress] {
    do throws(NotAnAddress) {
      return try NodeAddress.list(to)
    } catch {
      throw ValidationError("--to takes HOST:PORT,HOST:PORT,…, and '\(error.text)' is none")
    }
  }

  /// Where it tells how it is; `nil` for nowhere.
  private func door() throws(ValidationError) -> NodeAddress? {
    guard let admin else {
      if adminOpen { throw ValidationError("--admin-open is for --admin: give that as well") }
      return nil
    }
    guard let address = NodeAddress(admin) else {
      throw ValidationError("--admin takes HOST:PORT, and '\(admin)' is none")
    }
    if !address.isLoopback, !adminOpen {
      throw ValidationError(
        "--admin: \(address.host) can be reached by other machines, and nothing protects it: take "
          + "127.0.0.1, or say --admin-open"
      )
    }
    return address
  }

  private func openDoor(_ meters: MirrorMeters) async throws -> AdminServer? {
    guard let address = try door() else { return nil }
    do throws(ServerError) {
      return try await AdminServer.start(on: address, source: meters)
    } catch {
      throw ReplError.refused("\(error)")
    }
  }

  private var limits: LagLimits {
    var limits = LagLimits()
    limits.positionsMax = lagMax
    limits.ageMax = lagSecondsMax.map { .seconds($0) }
    return limits
  }

  private func targetSecurity() throws -> Security {
    guard let toCertificate, let toKey, let toAuthority else { return .open }
    return .mutual(
      try Credentials(
        reading: Credentials.Files(
          certificate: toCertificate,
          key: toKey,
          authority: toAuthority
        )
      )
    )
  }

  private func openTarget() async throws -> LogConnection {
    let addresses = try targets().map(\.description)
    do {
      return try await LogConnection.open(to: addresses, security: try targetSecurity())
    } catch let error as LogConnectionError {
      throw ReplError.refused("\(error)")
    } catch let error as CredentialsError {
      throw ReplError.refused("\(error)")
    }
  }

  func run() async throws {
    let source = try await options.connection()
    let target: LogConnection
    do {
      target = try await openTarget()
    } catch {
      await source.close()
      throw error
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await copy(source, to: target))
    } catch {
      result = .failure(error)
    }
    await source.close()
    await target.close()
    try result.get()
  }

  private func copy(_ source: LogConnection, to target: LogConnection) async throws {
    // Disks have names that no others have.
    if !Set(source.log.layout.units).isDisjoint(with: target.log.layout.units) {
      throw ReplError.refused("--to names a node of the cluster itself: a copy is in another one")
    }
    let meters = MirrorMeters()
    let door = try await openDoor(meters)
    let result: Result<Void, any Error>
    do {
      result = .success(try await follow(source, target, meters))
    } catch {
      result = .failure(error)
    }
    await door?.close()
    try result.get()
  }

  private func follow(
    _ source: LogConnection,
    _ target: LogConnection,
    _ meters: MirrorMeters
  ) async throws {
    let teller = LagTeller(limits, on: .standardError())
    do {
      try await untilInterrupted {
        try await copying { () throws(BackupError) in
          try await Backup.mirror(source.log, to: target, meters: meters) { lag in
            teller.hear(lag)
            meters.note(lag, isTooFar: teller.excess != nil)
          }
        }
      }
    } catch is ExitCode {
      // That is how a mirror ends.
      if let lag = teller.excess { throw ReplError.refused("the copy is too far behind: \(lag)") }
    }
  }
}

/// Says on standard error how far a copy is, now and then, and at once when it is too far behind.
private final class LagTeller: Sendable {
  private struct State: Sendable {
    var watch: LagWatch
    var lag: MirrorLag?
    var told: (time: ContinuousClock.Instant, copied: Position, end: Position)?
  }

  private let errors: Output
  private let begin = ContinuousClock.now
  private let state: Mutex<State>

  init(_ limits: LagLimits, on errors: Output) {
    self.errors = errors
    state = Mutex(State(watch: LagWatch(limits)))
  }

  /// How far the copy is, if that is too far.
  var excess: MirrorLag? { state.withLock { $0.watch.isAlarmed ? $0.lag : nil } }

  /// Takes in how far the copy is.
  func hear(_ lag: MirrorLag) {
    let now = ContinuousClock.now
    let pause = errors.isTerminal ? Duration.seconds(1) : .seconds(10)
    let line: String? = state.withLock { state in
      state.lag = lag
      if let event = state.watch.note(lag, at: now - begin) {
        state.told = (now, lag.copied, lag.end)
        return "\(event)"
      }
      if let told = state.told {
        // Looks come a second after each other, or a little less.
        let isDue = now - told.time >= pause - .milliseconds(200)
        let isNews = (told.copied, told.end) != (lag.copied, lag.end)
        guard isDue, isNews else { return nil }
      }
      state.told = (now, lag.copied, lag.end)
      return "\(lag)"
    }
    guard let line else { return }
    // Where nobody listens there is nobody to tell.
    try? errors.line(line)
    try? errors.flush()  // As above.
  }
}
