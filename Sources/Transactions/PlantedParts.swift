internal import CorfuGlobalLog

// Who finds entries and checkpoints. In a build with planted bugs others stand around them, so that
// the code of the chapter stays free of what is wrong.

#if PlantedBugs
typealias PlayedWalk = PlantedWalk
typealias PlayedSearch = PlantedSearch

struct PlantedWalk: StreamWalking {
  private var real: StreamWalk
  private var hasStopped = false
  private(set) var trimmed: Position?

  init(from link: StreamLink, over range: Range<Position>) {
    real = StreamWalk(from: link, over: range)
  }

  var stream: StreamID { real.stream }
  var wanted: [Position] { hasStopped ? [] : real.wanted }

  mutating func take(_ slots: [Slot]) {
    let isStride = slots.count <= StreamLink.backpointersMax
    if planted(.stopsAtLostPointers), isStride, slots.count > 1,
      slots.allSatisfy({ $0 == .junk })
    {
      hasStopped = true
    }
    let gone = Array(zip(wanted, slots)).last { $0.1 == .trimmed }?.0
    if isStride || !planted(.overlooksTrims) { trimmed = gone ?? trimmed }
    real.take(slots)
  }

  mutating func takeFound() -> [Position] { real.takeFound() }
}

struct PlantedSearch: CheckpointSearching {
  private var real: CheckpointSearch
  private let versionMax: Position
  private var pieces: [CheckpointName: [Int: Piece]] = [:]
  private var half: FoundCheckpoint?

  private struct Piece: Equatable {
    let position: Position
    let bytes: CheckpointPieces
  }

  init(versionMax: Position) {
    real = CheckpointSearch(versionMax: versionMax)
    self.versionMax = versionMax
  }

  var found: FoundCheckpoint? { half ?? real.found }

  var isOver: Bool {
    real.isOver || half != nil || planted(.takesLastCheckpoint) && real.found != nil
  }

  mutating func take(_ part: CheckpointPart, of name: CheckpointName, at position: Position) {
    if case .pieces(let index, let bytes) = part {
      pieces[name, default: [:]][index] = Piece(position: position, bytes: bytes)
    }
    real.take(part, of: name, at: position)
    guard planted(.countsHalfCheckpoints), part == .begin, real.found == nil,
      name.version <= versionMax
    else { return }
    let all = pieces[name] ?? [:]
    let whole = (0..<all.count).compactMap { all[$0] }
    var sum = CheckpointSum()
    for piece in whole { sum.update(piece.bytes) }
    half = FoundCheckpoint(version: name.version, pieces: whole.map(\.position), sum: sum)
  }
}
#else
typealias PlayedWalk = StreamWalk
typealias PlayedSearch = CheckpointSearch
#endif
