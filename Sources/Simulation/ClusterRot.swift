internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Rot, as far as the fault model goes and as far as a cluster whose layout is fixed can bear it.
//
// One replica of each chain stays intact. What rots is an entry that all its replicas have, in a
// segment that is closed: of a half-written one nobody could tell what it was, and the last bytes
// of an open segment look like a write that a crash tore. And a segment loses no more than its
// neighbours can name: a unit that must doubt what it forgot is a matter for the next layout (D7).
// `simulate rot` damages all the rest.

/// A place at which rot may strike once.
struct RotScar: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    /// The header of a record: two side by side could name each other no more.
    case header
    /// What closes the segment: it is there twice.
    case footer
  }

  var node: NodeID
  var segment: UInt32
  var part: Part
}

extension ClusterTroubles {
  /// Lets some bits of a unit's disk rot.
  ///
  /// - Returns: Whether there was anything to strike.
  @discardableResult
  func rot() -> Bool {
    // Most of what is drawn is still open, or trimmed, or not everywhere.
    for _ in 0..<8 where rotSomewhere() {
      count(.rot)
      return true
    }
    return false
  }

  private func rotSomewhere() -> Bool {
    guard let layout, let chain = draw({ $0.element(of: layout.chains) }) else { return false }
    let intact = configuration.intactReplica
    let others = chain.replicas.indices.filter { $0 != intact }
    guard let place = draw({ $0.element(of: others) }),
      let device = nodes.device(chain.replicas[place].node)
    else { return false }
    let unit = chain.replicas[place]
    let files = device.snapshot().files.filter { $0.key.hasSuffix(".seg") }
    guard let file = draw({ $0.element(of: files.keys.sorted()) }),
      let bytes = try? device.durableBytes(of: file),  // It was listed a moment ago.
      let number = UInt32(file.dropLast(4))
    else { return false }
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: unit.incarnation.low,
      segment: number,
      durable: SegmentHeader.recordsBegin
    )
    guard let trailer = scan.trailer else { return false }
    if draw({ $0.chance(0.2) }) {
      guard isFresh(RotScar(node: unit.node, segment: number, part: .footer)) else { return false }
      return flip(in: trailer.begin..<bytes.count, of: file, on: device)
    }
    let ripe = scan.found.filter { found in
      let kind = found.header.kind
      return (kind == .data || kind == .junk) && isEverywhere(found.header.position, in: layout)
    }
    var isHit = false
    for _ in 0..<draw({ $0.number(in: 1...4) }) {
      guard let found = draw({ $0.element(of: ripe) }) else { break }
      let body = found.offset + RecordHeader.byteCount
      let end = found.offset + found.header.recordBytes
      let hitsHeader = draw { $0.chance(0.3) } || body == end
      if hitsHeader, !isFresh(RotScar(node: unit.node, segment: number, part: .header)) { continue }
      let range = hitsHeader ? found.offset..<body : body..<end
      if flip(in: range, of: file, on: device) { isHit = true }
    }
    return isHit
  }

  private func flip(in range: Range<Int>, of file: String, on device: SimulatedDevice) -> Bool {
    let offset = draw { $0.number(in: range.lowerBound...(range.upperBound - 1)) }
    do {
      try device.flipBit(file: file, offset: offset, bit: draw { $0.number(below: 8) })
      return true
    } catch {
      return false  // The file is being removed.
    }
  }

  /// Whether each replica has, or had, what the intact one has at a position.
  private func isEverywhere(_ position: Position, in layout: Layout) -> Bool {
    let chain = RoundRobin().chain(of: position, in: layout).replicas
    guard chain.allSatisfy({ nodes.isUp($0.node) }),
      let slot = nodes.slot(position, on: chain[configuration.intactReplica])
    else { return false }
    switch slot {
    case .data, .junk: break
    case .empty, .trimmed: return false
    }
    // One that cannot tell had it once: rot takes only what all have.
    return chain.allSatisfy { unit in
      guard let other = nodes.slot(position, on: unit) else { return true }
      return other == slot
    }
  }
}
