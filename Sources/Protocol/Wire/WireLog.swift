internal import CorfuGlobalLog

// The vocabulary of the log on the wire: positions, entries, slots, and what a log answers.

/// 8 bytes, of which the highest bit is zero.
extension Position: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: number)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Position {
    let position = Position(try cursor.number(bytes))
    guard position <= .max else { throw .malformed }
    return position
  }
}

extension Epoch: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: number)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Epoch {
    Epoch(try cursor.number(bytes))
  }
}

extension StreamID: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: number)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> StreamID {
    StreamID(try cursor.number(bytes))
  }
}

extension EntryMark: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: client.high)
    bytes.append(number: client.low)
    bytes.append(number: sequence)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> EntryMark {
    let client = ClientID(high: try cursor.number(bytes), low: try cursor.number(bytes))
    return EntryMark(client: client, sequence: try cursor.number(bytes))
  }
}

/// The stream, and its last positions, four at most, if they are known.
extension StreamLink: WireValue {
  func encode(into bytes: inout [UInt8]) {
    stream.encode(into: &bytes)
    previous.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamLink {
    let stream = try StreamID.decode(bytes, &cursor)
    let previous = try [Position]?.decode(bytes, &cursor)
    guard previous?.count ?? 0 <= backpointersMax else { throw .malformed }
    return StreamLink(stream: stream, previous: previous)
  }
}

extension Entry: WireValue {
  func encode(into bytes: inout [UInt8]) {
    mark.encode(into: &bytes)
    streams.encode(into: &bytes)
    payload.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Entry {
    let mark = try EntryMark.decode(bytes, &cursor)
    let streams = try [StreamLink].decode(bytes, &cursor)
    return Entry(mark: mark, streams: streams, payload: try cursor.piece(bytes))
  }
}

extension Slot: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .empty: bytes.append(0)
    case .data(let entry):
      bytes.append(1)
      entry.encode(into: &bytes)
    case .junk: bytes.append(2)
    case .trimmed: bytes.append(3)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Slot {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .empty
    case 1: return .data(try Entry.decode(bytes, &cursor))
    case 2: return .junk
    case 3: return .trimmed
    default: throw .malformed
    }
  }
}

extension PlacedValue: WireValue {
  func encode(into bytes: inout [UInt8]) {
    position.encode(into: &bytes)
    value.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> PlacedValue {
    let position = try Position.decode(bytes, &cursor)
    return PlacedValue(try Slot.decode(bytes, &cursor), at: position)
  }
}

extension WriteAnswer: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .written: bytes.append(0)
    case .taken(let slot):
      bytes.append(1)
      slot.encode(into: &bytes)
    case .refused(let error):
      bytes.append(2)
      error.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> WriteAnswer {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .written
    case 1: return .taken(try Slot.decode(bytes, &cursor))
    case 2: return .refused(try LogError.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

/// The stream, and its last positions, four at most, newest first, if they are known.
extension StreamEnd: WireValue {
  func encode(into bytes: inout [UInt8]) {
    stream.encode(into: &bytes)
    positions.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamEnd {
    let stream = try StreamID.decode(bytes, &cursor)
    let positions = try [Position]?.decode(bytes, &cursor)
    guard positions?.count ?? 0 <= StreamLink.backpointersMax else { throw .malformed }
    let end = StreamEnd(stream, positions)
    // In another order it would be another spelling.
    guard end.positions == positions else { throw .malformed }
    return end
  }
}

extension StreamPage: WireValue {
  func encode(into bytes: inout [UInt8]) {
    ends.encode(into: &bytes)
    isComplete.encode(into: &bytes)
    last.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamPage {
    StreamPage(
      ends: try [StreamEnd].decode(bytes, &cursor),
      isComplete: try Bool.decode(bytes, &cursor),
      last: try StreamID?.decode(bytes, &cursor)
    )
  }
}
