// Goal: chapter 5's checks pass what this package builds, and see through what is wrong. Method:
// the reference with many seeds, and one wrong part for each check. (R3, R15, R16, R17)
import CorfuChecks
import CorfuGlobalLog
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

@Suite struct WriteOnceTests {
  private static let all =
    EpochAdmissionChecks<EpochGate>().checks + ChainFillingChecks<ChainFiller>().checks
    + AppendResolvingChecks<AppendResolver>().checks + FillBreakingChecks<FillBreaker>().checks
    + HolePausingChecks<HolePauses>().checks

  @Test(arguments: all.indices)
  func theReferencePasses(index: Int) throws {
    let check = Self.all[index]
    for seed in UInt64(1)...40 {
      let first = try check.run(seed: seed)
      if seed % 10 == 0 { #expect(try check.run(seed: seed) == first, "\(check.id)") }
    }
  }

  /// The checks that fail with some seed.
  private func caught(by checks: [Check]) -> Set<String> {
    // Whether it fails is all that is asked.
    Set(checks.filter { (try? $0.run(seeds: 1..<30)) == nil }.map(\.id))
  }

  @Test func gatesThatServeTooMuchAreCaught() {
    #expect(caught(by: EpochAdmissionChecks<OpenGate>().checks).contains("5.1.1"))
    #expect(caught(by: EpochAdmissionChecks<FallingGate>().checks).contains("5.1.2"))
    #expect(caught(by: EpochAdmissionChecks<ForgetfulGate>().checks) == ["5.1.4"])
  }

  @Test func fillersThatDoNotAdoptAreCaught() {
    #expect(caught(by: ChainFillingChecks<HeadOnlyFiller>().checks).contains("5.2.1"))
    #expect(caught(by: ChainFillingChecks<StubbornFiller>().checks).contains("5.2.2"))
    #expect(caught(by: ChainFillingChecks<TailFirstFiller>().checks).contains("5.2.3"))
    #expect(caught(by: ChainFillingChecks<PatientFiller>().checks) == ["5.2.6"])
  }

  @Test func guessesAreCaught() {
    #expect(caught(by: AppendResolvingChecks<Optimist>().checks).contains("5.3.1"))
    #expect(caught(by: AppendResolvingChecks<PayloadReader>().checks) == ["5.3.2"])
    #expect(caught(by: AppendResolvingChecks<FutureFiller>().checks) == ["5.3.4"])
    #expect(caught(by: AppendResolvingChecks<Doubter>().checks) == ["5.3.4"])
  }

  @Test("Rests that are all alike are over the budget, and a single one sees nobody come")
  func pausesThatDoNotFitAreCaught() {
    #expect(caught(by: HolePausingChecks<EvenPauses>().checks) == ["5.5.3"])
    #expect(caught(by: HolePausingChecks<OnePause>().checks) == ["5.5.2"])
    #expect(caught(by: HolePausingChecks<PausesByTheWait>().checks) == [])
  }

  @Test func turnsWithoutHarmAreCaught() {
    #expect(caught(by: FillBreakingChecks<Polite>().checks) == ["5.4.1"])
  }
}

/// Rests until it is time to fill.
private struct OnePause: HolePausing {
  let timeout: Duration

  init(timeout: Duration, first: Duration) { self.timeout = timeout }

  mutating func next(after waited: Duration) -> Duration? {
    waited >= timeout ? nil : timeout - waited
  }
}

/// Rests as long as it has waited.
private struct PausesByTheWait: HolePausing {
  let timeout: Duration
  let first: Duration

  init(timeout: Duration, first: Duration) {
    self.timeout = timeout
    self.first = first
  }

  mutating func next(after waited: Duration) -> Duration? {
    waited >= timeout ? nil : min(max(waited, first), timeout - waited)
  }
}

/// Serves everybody whose epoch is not closed.
private struct OpenGate: EpochAdmission {
  private(set) var sealed = Epoch.zero
  private(set) var installed: LayoutID?

  init() {}
  init(sealed: Epoch, installed: LayoutID?) {
    self.sealed = sealed
    self.installed = installed
  }

  func refusal(of layout: LayoutID) -> EpochRefusal? {
    layout.epoch <= sealed ? .sealed(sealed, newest: nil) : nil
  }

  mutating func seal(_ epoch: Epoch) { sealed = max(sealed, epoch) }

  mutating func install(_ layout: LayoutID) -> EpochRefusal? {
    var gate = EpochGate(sealed: sealed, installed: installed)
    defer { (sealed, installed) = (gate.sealed, gate.installed) }
    return gate.install(layout)
  }
}

/// A gate that is as it should be, but for one thing.
private protocol NearlyGate: EpochAdmission {
  var gate: EpochGate { get set }
}

extension NearlyGate {
  var sealed: Epoch { gate.sealed }
  var installed: LayoutID? { gate.installed }
  func refusal(of layout: LayoutID) -> EpochRefusal? { gate.refusal(of: layout) }
  mutating func seal(_ epoch: Epoch) { gate.seal(epoch) }
  mutating func install(_ layout: LayoutID) -> EpochRefusal? { gate.install(layout) }
}

/// Takes the last seal for the highest.
private struct FallingGate: NearlyGate {
  var gate = EpochGate()

  init() {}
  init(sealed: Epoch, installed: LayoutID?) {
    gate = EpochGate(sealed: sealed, installed: installed)
  }

  mutating func seal(_ epoch: Epoch) {
    gate = EpochGate(sealed: epoch, installed: gate.installed)
  }
}

/// Starts with nothing closed, whatever the disk says.
private struct ForgetfulGate: NearlyGate {
  var gate = EpochGate()

  init() {}
  init(sealed: Epoch, installed: LayoutID?) {
    gate = EpochGate(sealed: .zero, installed: installed)
  }
}

/// Writes the head, and is content.
private struct HeadOnlyFiller: ChainFilling {
  func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    try await ChainFiller().fill(position, on: Array(chain.prefix(1)), by: writer)
  }
}

/// Sees that it lost, and leaves it at that.
private struct StubbornFiller: ChainFilling {
  func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    switch await writer.write([PlacedValue(.junk, at: position)], to: chain).first {
    case .lost(let slot)?: return slot
    case .failed(let error, _)?: throw .replica(error)
    default: return .junk
    }
  }
}

/// Adopts whatever the head names, for as long as it takes.
private struct PatientFiller: ChainFilling {
  func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    var value = Slot.junk
    while true {
      switch await writer.write([PlacedValue(value, at: position)], to: chain).first {
      case .complete?: return value
      case .lost(let slot)?: value = slot
      case .trimmed?:
        for replica in chain {
          do throws(ReplicaError) {
            try await replica.trim([position])
          } catch {
            throw .replica(error)
          }
        }
        return .trimmed
      case .failed(let error, _)?: throw .replica(error)
      case .inconsistent?, nil: throw .inconsistent(position)
      }
    }
  }
}

/// Hopes for the best.
private struct Optimist: AppendResolving {
  func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate { .stands }
}

/// Compares what was written, and not by whom.
private struct PayloadReader: AppendResolving {
  func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate {
    let reader = Remembering(client: client, value: value)
    return await AppendResolver().resolve(value, of: epoch, stoodOnHead: stoodOnHead, by: reader)
  }

  /// Takes an entry with the same bytes for its own.
  private struct Remembering<Base: HoleFilling>: HoleFilling {
    let client: Base
    let value: PlacedValue

    func fill(
      _ position: Position,
      unless isFutile: @escaping @Sendable (Layout) -> Bool
    ) async throws(LogError) -> Slot? {
      let slot = try await client.fill(position, unless: isFutile)
      guard case .data(let found)? = slot, case .data(let own) = value.value else { return slot }
      return found.payload == own.payload ? value.value : slot
    }
  }
}

/// Fills wherever it is.
private struct FutureFiller: AppendResolving {
  func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate {
    await AppendResolver().resolve(
      value,
      of: Epoch(UInt64.max),
      stoodOnHead: stoodOnHead,
      by: client
    )
  }
}

/// Does not trust a new layout where the head had its entry.
private struct Doubter: AppendResolving {
  func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    stoodOnHead: Bool,
    by client: some HoleFilling
  ) async -> AppendFate {
    let fate = await AppendResolver().resolve(
      value,
      of: epoch,
      stoodOnHead: stoodOnHead,
      by: client
    )
    return stoodOnHead && fate == .gone ? .unknown : fate
  }
}

/// Lets the owner finish first.
private enum Polite: FillBreaking {
  static var turns: [FillTurn] { [.owner, .owner, .filler] }
}
