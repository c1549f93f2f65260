// Goal: a sequencer believes of a census that is told in parts all of it or nothing (R12). Method:
// one sequencer, asked by hand; parts that come twice, are lost, or are of another census.
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Testing

private let boot = BootID(high: 4, low: 4)
private let mine = layout(
  1,
  naming: [stranger],
  sequencer: SequencerName(node: nodeID, boot: boot),
  firstTail: 100
)

/// Five streams in three parts; stream n ends at position n.
private let census = StreamCensus(
  Dictionary(uniqueKeysWithValues: (1...5).map { (StreamID($0), [Position($0)]) }),
  isComplete: true
)
private let parts = census.parts(of: 2)

private func tell(_ number: Int, of whole: UInt64 = 7, to node: DiskNode) async -> Reply {
  let request = ReignStreamsRequest(
    layout: mine.id,
    boot: boot,
    ahead: StreamParts(whole: whole, count: number),
    streams: parts[number]
  )
  return await node.handle(.reignStreams(request))
}

private func begin(_ node: DiskNode, of whole: UInt64 = 7) async -> Reply {
  let ahead = StreamParts(whole: whole, count: 2)
  return await node.handle(.reign(ReignRequest(layout: mine, streams: parts[2], ahead: ahead)))
}

/// What the sequencer says of streams 1 to 6: the ends of those that it knows.
private func ends(_ node: DiskNode) async -> [[Position]?] {
  let request = StreamTailsRequest(layout: mine.id, streams: (1...6).map { StreamID($0) })
  guard case .streamTails(_, let links) = await node.handle(.streamTails(request)) else {
    return []
  }
  return links.map(\.previous)
}

private func newNode() -> DiskNode {
  DiskNode(nodeID, sequencer: SequencerRole<ReferenceParts>(boot: boot))
}

struct ReignTests {
  @Test("a census has the same parts whoever makes them, and together they are the census")
  func partsOfCensus() {
    #expect(parts.map(\.ends.count) == [2, 2, 1])
    #expect(parts.flatMap(\.ends) == census.ends)
    #expect(StreamCensus.empty.parts(of: 2) == [.empty])
    #expect(census.parts(of: 5) == [census])
    var others: Set<UInt64> = [census.fingerprint]
    for number in 1...5 as ClosedRange<UInt64> {
      var tails = Dictionary(
        uniqueKeysWithValues: (1...5 as ClosedRange<UInt64>).map {
          (StreamID($0), [Position($0)])
        }
      )
      tails[StreamID(number)] = [Position(number), Position(number + 1)]
      others.insert(StreamCensus(tails, isComplete: true).fingerprint)
      tails[StreamID(number)] = nil
      others.insert(StreamCensus(tails, isComplete: true).fingerprint)
    }
    others.insert(StreamCensus.unknown.fingerprint)
    #expect(others.count == 12)
  }

  @Test("R12: all parts, each once or twice: every stream's end is known")
  func allParts() async {
    for times in 1...2 {
      let node = newNode()
      for number in [0, 1] {
        for _ in 0..<times {
          #expect(await tell(number, to: node) == .reignStreamsHeard)
        }
      }
      #expect(await begin(node) == .reigning)
      #expect(await ends(node) == (1...5).map { [Position($0)] } + [[]])
    }
  }

  @Test("R12: a part that is missing, or of another census: no stream's end is known")
  func missingParts() async {
    let unknown = [[Position]?](repeating: nil, count: 6)
    let stories: [[(number: Int, whole: UInt64)]] = [
      [], [(0, 7)], [(1, 7)], [(1, 7), (0, 7)], [(0, 7), (1, 8)], [(0, 8), (1, 7)],
      [(0, 7), (0, 8), (1, 7)], [(0, 8), (1, 8)],
    ]
    for story in stories {
      let node = newNode()
      for part in story { _ = await tell(part.number, of: part.whole, to: node) }
      #expect(await begin(node) == .reigning)
      #expect(await ends(node) == unknown, "\(story)")
    }
  }

  @Test("parts are for one life of a sequencer, and leave a reign that has begun as it is")
  func wrongTime() async {
    let node = newNode()
    let foreign = ReignStreamsRequest(
      layout: mine.id,
      boot: BootID(high: 5, low: 5),
      ahead: StreamParts(whole: 7, count: 0),
      streams: parts[0]
    )
    #expect(
      await node.handle(.reignStreams(foreign)) == .refused(.sequencer(.otherBoot(boot)))
    )
    for number in [0, 1] { _ = await tell(number, to: node) }
    _ = await begin(node)
    let before = await ends(node)
    for number in [0, 1] { _ = await tell(number, of: 9, to: node) }
    #expect(await begin(node, of: 9) == .reigning)
    #expect(await ends(node) == before)
  }
}
