internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// An acceptor with a memory: for each layout whose successor is open, one register.
///
/// One question at a time: whoever asks sees to that.
final class AcceptorRole<Storage: Device, Voter: Accepting>: Sendable
where Voter.Value == Layout {
  private typealias File = AcceptorFile<Storage, Voter>

  private let state: Mutex<State>

  private struct State: Sendable {
    var file: File
    var registers: [LayoutID: Voter]
    /// Registers of layouts before this epoch are history, and were given up.
    var begin = Epoch.zero
  }

  private init(_ file: File, _ registers: [LayoutID: Voter]) {
    state = Mutex(State(file: file, registers: registers))
  }

  /// Opens the acceptor in a folder, or makes one there.
  static func open(in device: Storage) async throws(UnitOpenError) -> AcceptorRole {
    let (file, registers) = try await File.open(in: device)
    return AcceptorRole(file, registers)
  }

  /// Asks for a promise; durable on return (R27).
  ///
  /// - Returns: The answer; `nil` if the register is history.
  func prepare(_ ballot: Ballot, after base: LayoutID) async throws(DeviceError)
    -> PrepareAnswer<Layout>?
  {
    try await change(base) { $0.prepare(ballot) }
  }

  /// Asks for a vote; durable on return (R27).
  ///
  /// - Returns: The answer; `nil` if the register is history.
  func accept(_ vote: Vote<Layout>, after base: LayoutID) async throws(DeviceError)
    -> AcceptAnswer?
  {
    try await change(base) { $0.accept(vote) }
  }

  private func change<Answer: Sendable>(
    _ base: LayoutID,
    _ body: (inout Voter) -> Answer
  ) async throws(DeviceError) -> Answer? {
    var (all, begin, file) = state.withLock { ($0.registers, $0.begin, $0.file) }
    // It became history while this waited: what it held was given up, and not undone.
    if base.epoch < begin { return nil }
    let before = all[base]
    var voter = before ?? Voter()
    let answer = body(&voter)
    if voter == before { return answer }
    all[base] = voter
    try await file.write(all)
    // Nobody hears of a vote before it is durable.
    state.withLock { [all, file] in ($0.registers, $0.file) = (all, file) }
    return answer
  }

  /// Whether there was a vote on what comes after a layout; `nil` if that is history.
  func poll(after base: LayoutID) -> PollAnswer<Layout>? {
    state.withLock { state in
      if base.epoch < state.begin { return nil }
      return state.registers[base]?.accepted.map { .voted($0) } ?? .nothing
    }
  }

  /// All that is kept.
  var status: [RegisterStatus] {
    File.sorted(state.withLock { $0.registers }).map { base, voter in
      RegisterStatus(base: base, promised: voter.promised, accepted: voter.accepted)
    }
  }

  /// Gives up registers that are history: a layout of this epoch is decided, kept on this disk, and
  /// told to whoever asks.
  func forget(before epoch: Epoch) {
    state.withLock { state in
      state.begin = max(state.begin, epoch)
      state.registers = state.registers.filter { $0.key.epoch >= state.begin }
    }
  }
}
