internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

/// Says whether a node's disk may serve, and vouches for others: what keeps an older image of a
/// disk from being taken for the disk (D12).
///
/// One change at a time: whoever asks sees to that.
final class OpeningRole<Storage: Device>: Sendable {
  private typealias File = OpeningFile<Storage>

  private let state: Mutex<State>

  private struct State: Sendable {
    var file: File
    /// Which acceptors have noted the opening, if any have: asked anew by each process, since what
    /// a disk says of that an older image says as well.
    var electorate: UInt64?
    /// The opening that this one has missed; `nil` if nobody has spoken of one.
    var missed: DiskOpening?
    var admission = DiskAdmission.waits
  }

  private init(_ file: File) {
    state = Mutex(State(file: file))
  }

  /// How many disks an acceptor remembers that no layout names: they are emptied before they serve.
  private static var strangersMax: Int { 256 }

  /// Puts a disk to work; durable on return.
  static func open(
    in device: Storage,
    using random: inout DrawnGenerator
  ) async throws(DeviceError) -> OpeningRole {
    OpeningRole(try await File.open(in: device, using: &random))
  }

  /// Which time it is that the disk was put to work.
  var opening: DiskOpening { state.withLock { $0.file.contents.opening } }

  /// Whether the disk serves.
  var admission: DiskAdmission { state.withLock { $0.admission } }

  /// The newest opening of another disk that was noted.
  func known(_ disk: UnitName) -> DiskOpening? { state.withLock { $0.file.contents.known[disk] } }

  /// Finds out whether the disk serves under a layout; what it depends on is durable on return.
  ///
  /// It does under one that names this very opening: its seal stood for it. It does, too, if a
  /// majority of the layout's acceptors has noted the opening. Where a layout names no openings,
  /// nobody looks after that.
  func settle(_ name: UnitName, under layout: Layout?) async throws(DeviceError) {
    let state = state.withLock { $0 }
    let admission = Self.admission(of: name, state, under: layout)
    if admission == .serves, !state.file.contents.hasServed {
      var next = state.file.contents
      next.hasServed = true
      try await write(next)
    }
    self.state.withLock { $0.admission = admission }
  }

  private static func admission(
    of name: UnitName,
    _ state: State,
    under layout: Layout?
  ) -> DiskAdmission {
    if planted(.servesOldImages) { return .serves }
    if let missed = state.missed { return .outdated(by: missed) }
    guard let layout else { return state.electorate == nil ? .waits : .serves }
    if layout.openings.isEmpty { return .serves }
    let contents = state.file.contents
    if let named = layout.openings[name] {
      // Only who has served was ever sealed; the first layout names disks that are new.
      let isNamed = named == contents.opening
      if isNamed, contents.hasServed || layout.epoch == Epoch(1) { return .serves }
      if isNamed || !contents.opening.follows(named) { return .outdated(by: named) }
    }
    return state.electorate == layout.electorate ? .serves : .waits
  }

  /// Takes what acceptors have said of the disk.
  ///
  /// - Returns: Whether it was about this opening.
  func hear(_ request: AdmitRequest) -> Bool {
    state.withLock { state in
      guard state.file.contents.opening == request.opening else { return false }
      switch request.verdict {
      case .noted(let electorate): state.electorate = electorate
      case .outdated(let missed): state.missed = missed
      }
      return true
    }
  }

  /// Notes that a disk was put to work, unless something better is known; durable on return.
  ///
  /// - Returns: The newest opening of it that is known now.
  func vouch(
    for disk: UnitName,
    _ opening: DiskOpening,
    under layout: Layout?
  ) async throws(DeviceError) -> DiskOpening {
    if let named = layout?.openings[disk], !opening.follows(named) { return named }
    var next = state.withLock { $0.file.contents }
    if let known = next.known[disk], !opening.follows(known) { return known }
    next.known[disk] = opening
    if next.known.count > Self.strangersMax, let layout {
      next.known = next.known.filter { $0.key == disk || layout.names($0.key) }
    }
    try await write(next)
    return opening
  }

  private func write(_ next: File.Contents) async throws(DeviceError) {
    var file = state.withLock { $0.file }
    try await file.write(next)
    state.withLock { [file] in $0.file = file }
  }
}
