internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

// Why something was not done, on the wire: a byte that says which case, and what it tells.

extension LogError: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .entryTooLarge(let size, let sizeMax):
      bytes.append(0)
      size.encode(into: &bytes)
      sizeMax.encode(into: &bytes)
    case .outOfSpace: bytes.append(1)
    case .corrupt(let position): Self.encode(2, position, into: &bytes)
    case .unknown(let position): Self.encode(3, position, into: &bytes)
    case .lost(let position): Self.encode(4, position, into: &bytes)
    case .beyondTail(let position, let tail):
      Self.encode(5, position, into: &bytes)
      tail.encode(into: &bytes)
    case .trimmed(let position, let mark):
      Self.encode(6, position, into: &bytes)
      mark.encode(into: &bytes)
    case .inconsistent(let position): Self.encode(7, position, into: &bytes)
    case .indefinite(let position): Self.encode(8, position, into: &bytes)
    case .unavailable(let why):
      bytes.append(9)
      why.encode(into: &bytes)
    case .noQuorum: bytes.append(10)
    case .closed: bytes.append(11)
    case .failed(let error):
      bytes.append(12)
      error.encode(into: &bytes)
    case .cut(let position): Self.encode(13, position, into: &bytes)
    }
  }

  private static func encode(_ tag: UInt8, _ position: Position, into bytes: inout [UInt8]) {
    bytes.append(tag)
    position.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> LogError {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0:
      let size = try Int.decode(bytes, &cursor)
      return .entryTooLarge(bytes: size, bytesMax: try Int.decode(bytes, &cursor))
    case 1: return .outOfSpace
    case 2: return .corrupt(try Position.decode(bytes, &cursor))
    case 3: return .unknown(try Position.decode(bytes, &cursor))
    case 4: return .lost(try Position.decode(bytes, &cursor))
    case 5:
      let position = try Position.decode(bytes, &cursor)
      return .beyondTail(position, tail: try Position.decode(bytes, &cursor))
    case 6:
      let position = try Position.decode(bytes, &cursor)
      return .trimmed(position, mark: try Position.decode(bytes, &cursor))
    case 7: return .inconsistent(try Position.decode(bytes, &cursor))
    case 8: return .indefinite(try Position.decode(bytes, &cursor))
    case 9: return .unavailable(try String.decode(bytes, &cursor))
    case 10: return .noQuorum
    case 11: return .closed
    case 12: return .failed(try DeviceError.decode(bytes, &cursor))
    case 13: return .cut(try Position.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension DeviceError: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .failed(let text): Self.encode(0, text, into: &bytes)
    case .outOfSpace: bytes.append(1)
    case .notFound(let text): Self.encode(2, text, into: &bytes)
    case .exists(let text): Self.encode(3, text, into: &bytes)
    case .noPermission(let text): Self.encode(4, text, into: &bytes)
    case .notAFolder(let text): Self.encode(5, text, into: &bytes)
    case .inUse(let text): Self.encode(6, text, into: &bytes)
    case .stopped: bytes.append(7)
    case .powerOff: bytes.append(8)
    }
  }

  private static func encode(_ tag: UInt8, _ text: String, into bytes: inout [UInt8]) {
    bytes.append(tag)
    text.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> DeviceError {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .failed(try String.decode(bytes, &cursor))
    case 1: return .outOfSpace
    case 2: return .notFound(try String.decode(bytes, &cursor))
    case 3: return .exists(try String.decode(bytes, &cursor))
    case 4: return .noPermission(try String.decode(bytes, &cursor))
    case 5: return .notAFolder(try String.decode(bytes, &cursor))
    case 6: return .inUse(try String.decode(bytes, &cursor))
    case 7: return .stopped
    case 8: return .powerOff
    default: throw .malformed
    }
  }
}

extension EpochRefusal: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .sealed(let epoch, let newest):
      bytes.append(0)
      epoch.encode(into: &bytes)
      newest.encode(into: &bytes)
    case .behind(let installed):
      bytes.append(1)
      installed.encode(into: &bytes)
    case .otherLayout(let layout):
      bytes.append(2)
      layout.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> EpochRefusal {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0:
      let epoch = try Epoch.decode(bytes, &cursor)
      return .sealed(epoch, newest: try Layout?.decode(bytes, &cursor))
    case 1: return .behind(installed: try LayoutID?.decode(bytes, &cursor))
    case 2: return .otherLayout(try LayoutID.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension SequencerRefusal: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .notInstalled: bytes.append(0)
    case .sealed(let epoch):
      bytes.append(1)
      epoch.encode(into: &bytes)
    case .behind(let epoch):
      bytes.append(2)
      epoch.encode(into: &bytes)
    case .otherBoot(let boot):
      bytes.append(3)
      boot.encode(into: &bytes)
    case .countOutOfRange(let count):
      bytes.append(4)
      count.encode(into: &bytes)
    case .tooManyStreams(let count):
      bytes.append(5)
      count.encode(into: &bytes)
    case .positionsUsedUp: bytes.append(6)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> SequencerRefusal {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .notInstalled
    case 1: return .sealed(try Epoch.decode(bytes, &cursor))
    case 2: return .behind(try Epoch.decode(bytes, &cursor))
    case 3: return .otherBoot(try BootID.decode(bytes, &cursor))
    case 4: return .countOutOfRange(try Int.decode(bytes, &cursor))
    case 5: return .tooManyStreams(try Int.decode(bytes, &cursor))
    case 6: return .positionsUsedUp
    default: throw .malformed
    }
  }
}

extension CommitRefusal: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .conflict(let stream, let key, let position):
      bytes.append(0)
      stream.encode(into: &bytes)
      key.encode(into: &bytes)
      position.encode(into: &bytes)
    case .newSequencer(let epoch):
      bytes.append(1)
      epoch.encode(into: &bytes)
    case .forgotten(let position):
      bytes.append(2)
      position.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> CommitRefusal {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0:
      let stream = try StreamID.decode(bytes, &cursor)
      let key = try [UInt8]?.decode(bytes, &cursor)
      return .conflict(stream, key: key, at: try Position.decode(bytes, &cursor))
    case 1: return .newSequencer(since: try Epoch.decode(bytes, &cursor))
    case 2: return .forgotten(try Position.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension Refusal: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .epoch(let refusal):
      bytes.append(0)
      refusal.encode(into: &bytes)
    case .log(let error):
      bytes.append(1)
      error.encode(into: &bytes)
    case .sequencer(let refusal):
      bytes.append(2)
      refusal.encode(into: &bytes)
    case .noSuchRole: bytes.append(3)
    case .notNamed(let incarnation):
      bytes.append(4)
      incarnation.encode(into: &bytes)
    case .inUse(let incarnation):
      bytes.append(5)
      incarnation.encode(into: &bytes)
    case .notAllowed: bytes.append(6)
    case .tooLarge: bytes.append(7)
    case .notAdmitted: bytes.append(8)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Refusal {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .epoch(try EpochRefusal.decode(bytes, &cursor))
    case 1: return .log(try LogError.decode(bytes, &cursor))
    case 2: return .sequencer(try SequencerRefusal.decode(bytes, &cursor))
    case 3: return .noSuchRole
    case 4: return .notNamed(try Incarnation.decode(bytes, &cursor))
    case 5: return .inUse(try Incarnation.decode(bytes, &cursor))
    case 6: return .notAllowed
    case 7: return .tooLarge
    case 8: return .notAdmitted
    default: throw .malformed
    }
  }
}
