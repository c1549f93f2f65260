internal import CorfuGlobalLog
internal import CorfuSequencer

// What is asked of a sequencer, and what it answers, on the wire.

/// The stream, and the keys, if it is not all of them; each is short, or the digest of a long one.
extension StreamKeys: WireValue {
  func encode(into bytes: inout [UInt8]) {
    stream.encode(into: &bytes)
    keys.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamKeys {
    let stream = try StreamID.decode(bytes, &cursor)
    let keys = try Optional<[[UInt8]]>.decode(bytes, &cursor)
    // Whoever remembers them has a bounded room for each.
    guard keys?.allSatisfy({ $0.count <= KeyDigest.keyBytesMax }) ?? true else { throw .malformed }
    return StreamKeys(stream, keys: keys)
  }
}

extension CommitCondition: WireValue {
  func encode(into bytes: inout [UInt8]) {
    snapshot.epoch.encode(into: &bytes)
    snapshot.position.encode(into: &bytes)
    reads.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> CommitCondition {
    let epoch = try Epoch.decode(bytes, &cursor)
    let snapshot = Snapshot(epoch: epoch, position: try Position.decode(bytes, &cursor))
    return CommitCondition(snapshot: snapshot, reads: try [StreamKeys].decode(bytes, &cursor))
  }
}

extension Reservation: WireValue {
  func encode(into bytes: inout [UInt8]) {
    count.encode(into: &bytes)
    writes.encode(into: &bytes)
    condition.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> Reservation {
    Reservation(
      count: try Int.decode(bytes, &cursor),
      writes: try [StreamKeys].decode(bytes, &cursor),
      condition: try CommitCondition?.decode(bytes, &cursor)
    )
  }
}

extension Token: WireValue {
  func encode(into bytes: inout [UInt8]) {
    epoch.encode(into: &bytes)
    first.encode(into: &bytes)
    count.encode(into: &bytes)
    links.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Token {
    let epoch = try Epoch.decode(bytes, &cursor)
    let first = try Position.decode(bytes, &cursor)
    let count = try Int.decode(bytes, &cursor)
    guard (1...countMax).contains(count), first.number <= Position.max.number - UInt64(count)
    else { throw .malformed }
    let links = try [StreamLink].decode(bytes, &cursor)
    return Token(epoch: epoch, first: first, count: count, links: links)
  }
}

extension Grant: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .token(let token):
      bytes.append(0)
      token.encode(into: &bytes)
    case .refused(let refusal):
      bytes.append(1)
      refusal.encode(into: &bytes)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Grant {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .token(try Token.decode(bytes, &cursor))
    case 1: return .refused(try CommitRefusal.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

/// The streams in the order of their numbers, and whether there are no others.
extension StreamCensus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    ends.encode(into: &bytes)
    isComplete.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamCensus {
    let ends = try [StreamEnd].decode(bytes, &cursor)
    let isComplete = try Bool.decode(bytes, &cursor)
    var census = StreamCensus.empty
    guard census.append(StreamPage(ends: ends, isComplete: isComplete)) else { throw .malformed }
    return census
  }
}
