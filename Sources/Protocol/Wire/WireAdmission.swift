internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

// Openings of disks, and what is asked and said about them, on the wire.

extension DiskOpening: WireValue {
  func encode(into bytes: inout [UInt8]) {
    count.encode(into: &bytes)
    boot.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> DiskOpening {
    let count = try cursor.number(bytes, as: UInt64.self)
    if count == 0 { throw .malformed }
    return DiskOpening(count: count, boot: try BootID.decode(bytes, &cursor))
  }
}

extension DiskAdmission: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .serves: bytes.append(0)
    case .waits: bytes.append(1)
    case .outdated(let missed):
      bytes.append(2)
      missed.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> DiskAdmission {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .serves
    case 1: return .waits
    case 2: return .outdated(by: try DiskOpening.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension VouchRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    base.encode(into: &bytes)
    acceptor.encode(into: &bytes)
    disk.encode(into: &bytes)
    opening.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> VouchRequest {
    VouchRequest(
      base: try LayoutID.decode(bytes, &cursor),
      acceptor: try Incarnation.decode(bytes, &cursor),
      disk: try UnitName.decode(bytes, &cursor),
      opening: try DiskOpening.decode(bytes, &cursor)
    )
  }
}

extension AdmitRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    disk.encode(into: &bytes)
    opening.encode(into: &bytes)
    switch verdict {
    case .noted(let electorate):
      bytes.append(0)
      bytes.append(number: electorate)
    case .outdated(let missed):
      bytes.append(1)
      missed.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> AdmitRequest {
    let disk = try Incarnation.decode(bytes, &cursor)
    let opening = try DiskOpening.decode(bytes, &cursor)
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0:
      let verdict = Verdict.noted(by: try cursor.number(bytes))
      return AdmitRequest(disk: disk, opening: opening, verdict: verdict)
    case 1:
      let missed = try DiskOpening.decode(bytes, &cursor)
      return AdmitRequest(disk: disk, opening: opening, verdict: .outdated(by: missed))
    default: throw .malformed
    }
  }
}
