internal import CorfuGlobalLog

/// What some streams have got that nobody has played yet: where it stands, from the oldest on, in
/// parts that fit into memory.
///
/// Pointers lead back, and playing goes forward. So a walk has to come to the beginning before the
/// first entry can be played, and where it met all others has to be known until their turn comes.
/// All of that is held for as long as there is room. Where there is not, a walk lets go of what it
/// found last, and keeps a *landmark* instead: itself, as it was just before. From there the same
/// is found once more when its turn comes, and one run of it fits.
///
///     the log         begin ···a···|···b···|···c···|···d··· end
///     first walk           ←───────────────────────────────     d, c, b are found and let go
///                              a   L       L       L            a is held, and three landmarks
///     second walk                   ←──────                     b is found again; and so on
///
/// Of a landmark no more is known than what there is before it. So there may be few of them, each
/// for a long run: a walk along a run that does not fit leaves landmarks of its own.
///
/// It decides, and looks at nothing itself: a ``StreamFinder`` does.
struct StreamBacklog<Walk: StreamWalking> {
  private var trails: [Trail]
  private let room: BacklogRoom
  /// How many positions are held.
  private(set) var count = 0
  /// How many were held when they were most.
  private(set) var countMax = 0
  /// All that stands before it was handed over.
  private(set) var begin = Position.zero
  private let end: Position

  /// What stands in some streams, each in its own range.
  ///
  /// - Parameters:
  ///   - walks: Where each stream's entries are looked for.
  ///   - positionsMax: How many positions are held: more only as far as each stream needs a few.
  init(along walks: [(link: StreamLink, range: Range<Position>)], positionsMax: Int) {
    end = walks.map(\.range.upperBound).max() ?? .zero
    trails = walks.map { Trail(along: $0.link, over: $0.range) }
    room = BacklogRoom(positionsMax: positionsMax, streams: walks.count)
  }

  /// Whether all was handed over.
  var isOver: Bool { trails.allSatisfy(\.isOver) }

  /// How many landmarks are kept.
  var landmarkCount: Int { trails.reduce(0) { $0 + $1.landmarks.count } }

  /// Where one stream's walk stops; `nil` if there are several.
  var floor: Position? { trails.count == 1 ? trails.first?.floor : nil }

  /// Sets out from the landmarks whose turn has come; a walk that is under way goes on.
  mutating func resume() {
    for index in trails.indices { trails[index].resume(in: room) }
  }

  /// Where each stream's walk wants to look next, newest first.
  var wanted: [[Position]] { trails.map(\.wanted) }

  /// Takes notice of what stands where the walk along one of the streams wanted to look.
  mutating func take(_ slots: [Slot], at places: [Position], of index: Int) {
    let isFull = count > room.positions
    count -= trails[index].count
    trails[index].take(slots, at: places, keeping: isFull ? room : nil)
    count += trails[index].count
    countMax = max(countMax, count)
  }

  /// Hands over what can be played, once no walk wants to look anywhere.
  ///
  /// - Returns: The positions, in order; and of which streams something may be missing.
  mutating func takeReady() -> (found: [Position], gaps: [StreamGap]) {
    var gaps: [StreamGap] = []
    for index in trails.indices {
      if let gap = trails[index].finish() { gaps.append(gap) }
    }
    // Behind it a stream may have what was let go.
    begin = trails.compactMap { $0.landmarks.isEmpty ? nil : $0.floor }.min() ?? end
    var found: [Position] = []
    for index in trails.indices { found += trails[index].release(before: begin) }
    count -= found.count
    if trails.count == 1 { return (found, gaps) }
    // An entry may be in several streams.
    found.sort()
    var kept = 0
    for position in found where kept == 0 || found[kept - 1] != position {
      found[kept] = position
      kept += 1
    }
    found.removeSubrange(kept...)
    return (found, gaps)
  }
}

/// How much is held of a backlog.
private struct BacklogRoom {
  /// How many positions, before anything is let go.
  let positions: Int
  /// How many of a stream even then: so each comes forward.
  let run: Int
  /// How many landmarks one walk leaves: each takes about as much memory as 32 positions.
  let landmarks: Int

  init(positionsMax: Int, streams: Int) {
    positions = positionsMax
    run = max(StreamLink.backpointersMax, positionsMax / (4 * max(1, streams)))
    landmarks = max(4, positionsMax / (64 * max(1, streams)))
  }
}

extension StreamBacklog {
  /// A walk under way, or a landmark: one that will be.
  private struct Progress {
    private(set) var walk: Walk
    /// Where what was met before ``slots`` points.
    private var last: [Position]
    /// What was met last.
    private var slots: [Slot] = []
    private(set) var gap: StreamGap?

    init(along link: StreamLink, over range: Range<Position>) {
      walk = Walk(from: link, over: range)
      last = link.previous ?? []
    }

    /// Takes notice of what it met, and hands over what it found, newest first.
    mutating func take(_ next: [Slot], at places: [Position]) -> [Position] {
      walk.take(next)
      if let place = walk.trimmed {
        let gone = zip(places, next).filter { $1 == .trimmed }.map(\.0)
        let isCertain = gap?.isCertain == true || !pointers.isDisjoint(with: gone)
        gap = StreamGap(stream: walk.stream, place: place, isCertain: isCertain)
      }
      slots = next
      return walk.takeFound()
    }

    /// Where what was met last points, or the end if nothing was met yet.
    private var pointers: Set<Position> {
      if slots.isEmpty { return Set(last) }
      var pointers: Set<Position> = []
      for case .data(let entry) in slots {
        let link = entry.streams.first { $0.stream == walk.stream }
        pointers.formUnion(link?.previous ?? [])
      }
      return pointers
    }

    /// The same without what it met: it is to be kept for long, and what was missing is told.
    var landmark: Progress {
      var landmark = self
      let pointers = pointers
      landmark.last = walk.wanted.filter { pointers.contains($0) }
      (landmark.slots, landmark.gap) = ([], nil)
      return landmark
    }
  }

  /// One of the streams.
  private struct Trail {
    /// All that stands before it is held, or was handed over.
    private(set) var floor: Position
    /// Found, and not handed over yet; newest first.
    private var held: [Position] = []
    /// Where walks set out that find what was let go; the oldest is the last.
    private(set) var landmarks: [Progress] = []

    /// The walk under way.
    private var progress: Progress?
    /// What it found, and did not let go; newest first.
    private var run: [Position] = []
    /// The walk as it was before it found that.
    private var start: Progress
    /// How many runs it let go.
    private var runs = 0
    /// Of how many runs one has a landmark.
    private var every = 1
    /// How many landmarks earlier walks have left.
    private var others = 0

    init(along link: StreamLink, over range: Range<Position>) {
      floor = range.lowerBound
      start = Progress(along: link, over: range)
      progress = start
    }

    var count: Int { run.count + held.count }
    var isOver: Bool { progress == nil && landmarks.isEmpty && held.isEmpty }

    var wanted: [Position] {
      guard let wanted = progress?.walk.wanted, let newest = wanted.first, newest >= floor
      else { return [] }
      return wanted
    }

    mutating func resume(in room: BacklogRoom) {
      // Those that will soon have nothing left set out with the one that has nothing left.
      guard progress == nil, held.count <= room.run, let landmark = landmarks.popLast()
      else { return }
      (progress, start) = (landmark, landmark)
      (runs, every, others) = (0, 1, landmarks.count)
    }

    /// Takes notice of what stands where it wanted to look, and makes do with little room; `nil`
    /// if there is enough.
    mutating func take(_ slots: [Slot], at places: [Position], keeping room: BacklogRoom?) {
      guard let before = progress else { return }
      var next = before
      let found = next.take(slots, at: places).prefix { $0 >= floor }
      progress = next
      if found.isEmpty { return }
      // Only for something older: so a walk ends with something to hand over.
      if let room, run.count >= room.run {
        letGo(at: before.landmark, landmarksMax: room.landmarks)
      }
      run += found
    }

    /// Lets go of a run, and sees to it that there is a landmark from which it is found again.
    private mutating func letGo(at next: Progress, landmarksMax: Int) {
      if runs.isMultiple(of: every) {
        landmarks.append(start)
        if landmarks.count - others > landmarksMax { thinOut() }
      }
      runs += 1
      run = []
      start = next
    }

    /// Removes every other landmark of this walk: the ones that stay lead to what those did.
    private mutating func thinOut() {
      let own = landmarks[others...].enumerated()
      landmarks[others...] = own.compactMap { $0.isMultiple(of: 2) ? $1 : nil }[...]
      every *= 2
    }

    /// Ends a walk that has found everything.
    ///
    /// - Returns: What may be missing.
    mutating func finish() -> StreamGap? {
      defer { progress = nil }
      if let newest = run.first {
        floor = newest.advanced(by: 1)
        run += held
        (held, run) = (run, [])
      }
      return progress?.gap
    }

    /// Hands over what stands before a position, in order.
    mutating func release(before end: Position) -> [Position] {
      let first = held.firstIndex { $0 < end } ?? held.endIndex
      let released = Array(held[first...].reversed())
      held.removeSubrange(first...)
      return released
    }
  }
}
