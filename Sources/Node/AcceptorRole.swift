internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

/// An acceptor with a memory: for each layout whose successor is open, one register.
///
/// One question at a time: whoever asks sees to that.
final class AcceptorRole<Storage: Device, Voter: Accepting>: Sendable
where Voter.Value == Layout {
  private let device: Storage
  private let registers: Mutex<[LayoutID: Voter]>

  /// The acceptor in a folder.
  init(in device: Storage) throws(AcceptorFile.ReadError) {
    self.device = device
    registers = Mutex(try AcceptorFile.read(in: device))
  }

  /// Asks for a promise; durable on return (R27).
  func prepare(_ ballot: Ballot, after base: LayoutID) async throws(DeviceError)
    -> PrepareAnswer<Layout>
  {
    try await change(base) { $0.prepare(ballot) }
  }

  /// Asks for a vote; durable on return (R27).
  func accept(_ vote: Vote<Layout>, after base: LayoutID) async throws(DeviceError)
    -> AcceptAnswer
  {
    try await change(base) { $0.accept(vote) }
  }

  private func change<Answer: Sendable>(
    _ base: LayoutID,
    _ body: (inout Voter) -> Answer
  ) async throws(DeviceError) -> Answer {
    var all = registers.withLock { $0 }
    let before = all[base]
    var voter = before ?? Voter()
    let answer = body(&voter)
    if voter == before { return answer }
    all[base] = voter
    if !planted(.forgetsPromises) {
      try await device.replace(AcceptorFile.name, with: AcceptorFile.encoded(all))
    }
    // Nobody hears of a vote before it is durable.
    registers.withLock { [all] in $0 = all }
    return answer
  }

  /// Whether there was a vote on what comes after a layout.
  func poll(after base: LayoutID) -> PollAnswer<Layout> {
    registers.withLock { registers in registers[base]?.accepted.map { .voted($0) } ?? .nothing }
  }

  /// All that is kept.
  var status: [RegisterStatus] {
    registers.withLock { registers in
      registers.sorted { $0.key.epoch < $1.key.epoch }.map { base, voter in
        RegisterStatus(base: base, promised: voter.promised, accepted: voter.accepted)
      }
    }
  }

  /// Gives up registers that are history: a layout of this epoch is decided, and kept on this disk.
  func forget(before epoch: Epoch) {
    registers.withLock { registers in
      registers = registers.filter { $0.key.epoch >= epoch }
    }
  }
}
