internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

// Layouts and names on the wire. A layout has bytes of its own, which are those in files
// (`LayoutCoding.swift`), behind their count.

extension NodeID: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: number)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> NodeID {
    NodeID(try cursor.number(bytes))
  }
}

extension Incarnation: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: high)
    bytes.append(number: low)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> Incarnation {
    Incarnation(high: try cursor.number(bytes), low: try cursor.number(bytes))
  }
}

extension BootID: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: high)
    bytes.append(number: low)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> BootID {
    BootID(high: try cursor.number(bytes), low: try cursor.number(bytes))
  }
}

extension LayoutID: WireValue {
  func encode(into bytes: inout [UInt8]) {
    epoch.encode(into: &bytes)
    bytes.append(number: hash)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> LayoutID {
    LayoutID(epoch: try Epoch.decode(bytes, &cursor), hash: try cursor.number(bytes))
  }
}

extension Layout: WireValue {
  func encode(into bytes: inout [UInt8]) {
    encoded().encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Layout {
    let piece = try cursor.piece(bytes)
    do {
      return try Layout(decoding: piece)
    } catch {
      throw .malformed
    }
  }
}
