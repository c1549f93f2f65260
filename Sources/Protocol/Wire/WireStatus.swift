internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// What nodes say of themselves, on the wire.

extension UnitSeal: WireValue {
  func encode(into bytes: inout [UInt8]) {
    sealed.encode(into: &bytes)
    tail.encode(into: &bytes)
    trimMark.encode(into: &bytes)
    opening.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> UnitSeal {
    UnitSeal(
      sealed: try Epoch.decode(bytes, &cursor),
      tail: try Position.decode(bytes, &cursor),
      trimMark: try Position.decode(bytes, &cursor),
      opening: try DiskOpening?.decode(bytes, &cursor)
    )
  }
}

extension UnitSpace: WireValue {
  func encode(into bytes: inout [UInt8]) {
    liveBytes.encode(into: &bytes)
    totalBytes.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> UnitSpace {
    let live = try cursor.amount(bytes)
    return UnitSpace(liveBytes: live, totalBytes: try cursor.amount(bytes))
  }
}

extension UnitStatus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    incarnation.encode(into: &bytes)
    hasFailed.encode(into: &bytes)
    sealed.encode(into: &bytes)
    installed.encode(into: &bytes)
    tail.encode(into: &bytes)
    boots.encode(into: &bytes)
    damage.encode(into: &bytes)
    isInDoubt.encode(into: &bytes)
    opening.encode(into: &bytes)
    admission.encode(into: &bytes)
    room.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> UnitStatus {
    UnitStatus(
      incarnation: try Incarnation.decode(bytes, &cursor),
      hasFailed: try Bool.decode(bytes, &cursor),
      sealed: try Epoch.decode(bytes, &cursor),
      installed: try LayoutID?.decode(bytes, &cursor),
      tail: try Position.decode(bytes, &cursor),
      boots: try cursor.number(bytes),
      damage: try [Position].decode(bytes, &cursor),
      isInDoubt: try Bool.decode(bytes, &cursor),
      opening: try DiskOpening?.decode(bytes, &cursor),
      admission: try DiskAdmission.decode(bytes, &cursor),
      room: try DiskRoom.decode(bytes, &cursor)
    )
  }
}

extension DiskRoom: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .enough: bytes.append(0)
    case .short(let left):
      bytes.append(1)
      left.encode(into: &bytes)
    case .full: bytes.append(2)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> DiskRoom {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .enough
    case 1: return .short(bytes: try cursor.amount(bytes))
    case 2: return .full
    default: throw .malformed
    }
  }
}

extension SequencerStatus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    boot.encode(into: &bytes)
    serving.encode(into: &bytes)
    sealed.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> SequencerStatus {
    SequencerStatus(
      boot: try BootID.decode(bytes, &cursor),
      serving: try LayoutID?.decode(bytes, &cursor),
      sealed: try Epoch?.decode(bytes, &cursor)
    )
  }
}

extension MonitorView: WireValue {
  func encode(into bytes: inout [UInt8]) {
    suspects.encode(into: &bytes)
    unheard.encode(into: &bytes)
    isChanging.encode(into: &bytes)
    rank.encode(into: &bytes)
    copy.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> MonitorView {
    MonitorView(
      suspects: try Set<NodeID>.decode(bytes, &cursor),
      unheard: try Set<NodeID>.decode(bytes, &cursor),
      isChanging: try Bool.decode(bytes, &cursor),
      rank: try Int.decode(bytes, &cursor),
      copy: try CopyUnderWay?.decode(bytes, &cursor)
    )
  }
}

extension CopyUnderWay: WireValue {
  func encode(into bytes: inout [UInt8]) {
    newcomer.encode(into: &bytes)
    begin.encode(into: &bytes)
    end.encode(into: &bytes)
    next.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> CopyUnderWay {
    CopyUnderWay(
      newcomer: try UnitName.decode(bytes, &cursor),
      begin: try Position.decode(bytes, &cursor),
      end: try Position.decode(bytes, &cursor),
      next: try Position.decode(bytes, &cursor)
    )
  }
}

extension NodeStatus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    unit.encode(into: &bytes)
    sequencer.encode(into: &bytes)
    newest.encode(into: &bytes)
    view.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> NodeStatus {
    NodeStatus(
      unit: try UnitStatus?.decode(bytes, &cursor),
      sequencer: try SequencerStatus?.decode(bytes, &cursor),
      newest: try LayoutID?.decode(bytes, &cursor),
      view: try MonitorView?.decode(bytes, &cursor)
    )
  }
}
