// Goal: a node counts what it does for programs and nothing else. Method: requests and replies made
// up, and timers of a factory.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Metrics
import Testing

@Suite struct NodeMetersTests {
  private static let id = LayoutID(epoch: Epoch(1), hash: 7)

  private static let written: (Request, Reply) = {
    let mark = EntryMark(client: ClientID(high: 0, low: 1), sequence: 1)
    let entry = Slot.data(Entry(mark: mark, payload: []))
    let values = [
      PlacedValue(entry, at: Position(0)), PlacedValue(entry, at: Position(2)),
      PlacedValue(.junk, at: Position(4)), PlacedValue(entry, at: Position(6)),
    ]
    return (
      .write(WriteRequest(layout: id, values: values)),
      .written([.written, .taken(.junk), .written, .written])
    )
  }()

  @Test func whatProgramsGetIsCounted() {
    let load = LoadMeters()
    load.count(Self.written.0, Self.written.1, of: .client)
    load.count(
      .read(ReadRequest(layout: Self.id, positions: [Position(0), Position(2)])),
      .slots([.success(.empty), .success(.junk)]),
      of: .operator
    )
    load.count(
      .reserve(TokenRequest(layout: Self.id, count: 3)),
      .token(Token(epoch: Epoch(1), first: Position(8), count: 3)),
      of: .client
    )
    load.count(
      .reserveEach(ReservationsRequest(layout: Self.id, reservations: [])),
      .grants([
        .token(Token(epoch: Epoch(1), first: Position(11), count: 2)),
        .refused(.forgotten(Position(4))),
      ]),
      of: .client
    )
    // A copy, and what was refused.
    load.count(Self.written.0, Self.written.1, of: .node)
    load.count(Self.written.0, .refused(.notAdmitted), of: .client)
    #expect(load.counts == LoadMeters.Counts(entries: 2, fills: 1, reads: 2, tokens: 5))
    load.begin()
    #expect(load.requests == 1)
    load.end()
    #expect(load.requests == 0)
  }

  @Test func aTimersBucketsAreTold() {
    let factory = PrometheusFactory()
    for kind in ["read", "write"] {
      let timer = Metrics.Timer(
        label: "corfu_request_seconds",
        dimensions: [("kind", kind)],
        factory: factory
      )
      timer.recordNanoseconds(kind == "read" ? 60_000 : 40_000)
      timer.recordSeconds(60)
    }
    let buckets = factory.durations(of: "corfu_request_seconds", kind: "write")
    #expect(buckets.first == DurationBucket(nanosecondsMax: 50_000, count: 1))
    #expect(buckets.last == DurationBucket(nanosecondsMax: nil, count: 1))
    #expect(buckets.reduce(0) { $0 + $1.count } == 2)
    #expect(factory.durations(of: "corfu_request_seconds").isEmpty)
    #expect(factory.durations(of: "corfu_nothing").isEmpty)
  }
}
