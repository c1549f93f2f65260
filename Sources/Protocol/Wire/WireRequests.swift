internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuSequencer
internal import CorfuStripeMirror

// What requests tell, on the wire: their fields, one after the other.

extension WriteRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    values.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> WriteRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let values = try [PlacedValue].decode(bytes, &cursor)
    // Nothing else is ever written.
    guard values.allSatisfy({ $0.value != .empty && $0.value != .trimmed }) else {
      throw .malformed
    }
    return WriteRequest(layout: layout, values: values)
  }
}

extension ReadRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    positions.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ReadRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let positions = try [Position].decode(bytes, &cursor)
    return ReadRequest(layout: layout, positions: positions)
  }
}

extension TrimRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    positions.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> TrimRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let positions = try [Position].decode(bytes, &cursor)
    return TrimRequest(layout: layout, positions: positions)
  }
}

extension PrefixTrimRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    mark.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> PrefixTrimRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let mark = try Position.decode(bytes, &cursor)
    return PrefixTrimRequest(layout: layout, mark: mark)
  }
}

extension SealRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    epoch.encode(into: &bytes)
    incarnation.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> SealRequest {
    let epoch = try Epoch.decode(bytes, &cursor)
    let incarnation = try Incarnation?.decode(bytes, &cursor)
    return SealRequest(epoch: epoch, incarnation: incarnation)
  }
}

extension UnitStreamsRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    epoch.encode(into: &bytes)
    incarnation.encode(into: &bytes)
    after.encode(into: &bytes)
    countMax.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> UnitStreamsRequest {
    let epoch = try Epoch.decode(bytes, &cursor)
    let incarnation = try Incarnation.decode(bytes, &cursor)
    let after = try StreamID?.decode(bytes, &cursor)
    let countMax = try Int.decode(bytes, &cursor)
    guard countMax >= 1 else { throw .malformed }
    return UnitStreamsRequest(
      epoch: epoch,
      incarnation: incarnation,
      after: after,
      countMax: countMax
    )
  }
}

extension TrimsRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    range.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> TrimsRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let range = try Range<Position>.decode(bytes, &cursor)
    return TrimsRequest(layout: layout, range: range)
  }
}

extension RangeTrimRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    ranges.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> RangeTrimRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let ranges = try [Range<Position>].decode(bytes, &cursor)
    return RangeTrimRequest(layout: layout, ranges: ranges)
  }
}

extension ResetRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    incarnation.encode(into: &bytes)
    layout.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ResetRequest {
    let incarnation = try Incarnation.decode(bytes, &cursor)
    let layout = try Layout.decode(bytes, &cursor)
    return ResetRequest(incarnation: incarnation, layout: layout)
  }
}

extension TokenRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    count.encode(into: &bytes)
    streams.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> TokenRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let count = try Int.decode(bytes, &cursor)
    let streams = try [StreamID].decode(bytes, &cursor)
    return TokenRequest(layout: layout, count: count, streams: streams)
  }
}

extension ReservationsRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    reservations.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ReservationsRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let reservations = try [Reservation].decode(bytes, &cursor)
    return ReservationsRequest(layout: layout, reservations: reservations)
  }
}

extension StreamTailsRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    streams.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamTailsRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let streams = try [StreamID].decode(bytes, &cursor)
    return StreamTailsRequest(layout: layout, streams: streams)
  }
}

extension ReignRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    streams.encode(into: &bytes)
    ahead.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ReignRequest {
    let layout = try Layout.decode(bytes, &cursor)
    let streams = try StreamCensus.decode(bytes, &cursor)
    let ahead = try StreamParts?.decode(bytes, &cursor)
    return ReignRequest(layout: layout, streams: streams, ahead: ahead)
  }
}

extension StreamParts: WireValue {
  func encode(into bytes: inout [UInt8]) {
    whole.encode(into: &bytes)
    count.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> StreamParts {
    let whole = try UInt64.decode(bytes, &cursor)
    return StreamParts(whole: whole, count: try Int.decode(bytes, &cursor))
  }
}

extension ReignStreamsRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    layout.encode(into: &bytes)
    boot.encode(into: &bytes)
    ahead.encode(into: &bytes)
    streams.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ReignStreamsRequest {
    let layout = try LayoutID.decode(bytes, &cursor)
    let boot = try BootID.decode(bytes, &cursor)
    let ahead = try StreamParts.decode(bytes, &cursor)
    let streams = try StreamCensus.decode(bytes, &cursor)
    return ReignStreamsRequest(layout: layout, boot: boot, ahead: ahead, streams: streams)
  }
}

extension PrepareRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    base.encode(into: &bytes)
    acceptor.encode(into: &bytes)
    ballot.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> PrepareRequest {
    let base = try LayoutID.decode(bytes, &cursor)
    let acceptor = try Incarnation.decode(bytes, &cursor)
    let ballot = try Ballot.decode(bytes, &cursor)
    return PrepareRequest(base: base, acceptor: acceptor, ballot: ballot)
  }
}

extension AcceptRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    base.encode(into: &bytes)
    acceptor.encode(into: &bytes)
    vote.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> AcceptRequest {
    let base = try LayoutID.decode(bytes, &cursor)
    let acceptor = try Incarnation.decode(bytes, &cursor)
    let vote = try Vote<Layout>.decode(bytes, &cursor)
    return AcceptRequest(base: base, acceptor: acceptor, vote: vote)
  }
}

extension PollRequest: WireValue {
  func encode(into bytes: inout [UInt8]) {
    base.encode(into: &bytes)
    acceptor.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> PollRequest {
    let base = try LayoutID.decode(bytes, &cursor)
    let acceptor = try Incarnation.decode(bytes, &cursor)
    return PollRequest(base: base, acceptor: acceptor)
  }
}
