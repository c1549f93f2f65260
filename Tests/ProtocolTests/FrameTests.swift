// Goal: every message comes out as it went in; any other bytes are refused or mean one thing, and
// nothing that somebody sends makes a decoder trap. Method: samples of every kind, each cut and
// changed at every place; random bytes; the same seed, the same bytes.
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import Foundation
import Testing

@testable import CorfuProtocol

@Suite struct FrameTests {
  let codec = FrameCodec()

  private func bytes(of frame: Frame) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try codec.encode(frame, into: &bytes)
    return bytes
  }

  @Test func everyMessageComesOutAsItWentIn() throws {
    for frame in Samples.frames {
      let bytes = try bytes(of: frame)
      let decoded = try #require(try codec.decode(bytes.span.bytes))
      #expect(decoded.frame == frame)
      #expect(decoded.byteCount == bytes.count)
    }
  }

  @Test func everyKindHasASample() throws {
    var requests: Set<UInt8> = []
    var replies: Set<UInt8> = []
    for frame in Samples.frames {
      let kind = try bytes(of: frame)[FrameHeader.byteCount]
      if case .request = frame.message { requests.insert(kind) }
      if case .reply = frame.message { replies.insert(kind) }
    }
    #expect(requests == Set(RequestKind.allCases.map(\.rawValue)))
    #expect(replies == Set(ReplyKind.allCases.map(\.rawValue)))
  }

  @Test func aFrameIsWaitedForWhereverItIsCut() throws {
    for frame in Samples.frames {
      let whole = try bytes(of: frame)
      for count in 0..<whole.count {
        let isThere = try codec.decode(whole.span.bytes.extracting(0..<count)) != nil
        #expect(!isThere, "\(count) bytes of \(frame)")
      }
    }
  }

  @Test func framesFollowOneAnother() throws {
    var bytes: [UInt8] = []
    for frame in Samples.frames { try codec.encode(frame, into: &bytes) }
    var begin = 0
    var frames: [Frame] = []
    while let next = try codec.decode(bytes.span.bytes.extracting(begin..<bytes.count)) {
      frames.append(next.frame)
      begin += next.byteCount
    }
    #expect(frames == Samples.frames)
    #expect(begin == bytes.count)
  }

  @Test func aChangedByteIsNoticed() throws {
    for frame in Samples.frames {
      var bytes = try bytes(of: frame)
      for index in bytes.indices {
        bytes[index] ^= 0x10
        // A longer one may be waited for; none is taken.
        let taken = (try? codec.decode(bytes.span.bytes)) ?? nil
        #expect(taken == nil, "byte \(index) of \(frame)")
        bytes[index] ^= 0x10
      }
    }
  }

  @Test func aBodyMeansOneThingOrNone() throws {
    for frame in Samples.frames {
      let whole = try bytes(of: frame)
      for index in FrameHeader.byteCount..<whole.count {
        for change in [1, 2, 0x80, 0xff] as [UInt8] {
          var changed = whole
          changed[index] ^= change
          try expectOneMeaning(&changed)
        }
      }
      // A byte too many, or too few.
      var longer = whole + [0]
      #expect(throws: FrameError.malformed) { try decode(&longer) }
      var shorter = Array(whole.dropLast())
      // What is refused is not taken.
      let isTaken = (try? decode(&shorter)) != nil
      #expect(!isTaken)
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func noBytesHarmTheDecoder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<4000 {
      var bytes = try bytes(of: Frame(id: 1, .request(.status)))
      bytes[5] = UInt8.random(in: 1...5, using: &random)
      bytes.removeLast()
      let all = Samples.frames
      let near = try self.bytes(of: all[Int.random(in: 0..<all.count, using: &random)])
      bytes += near.dropFirst(FrameHeader.byteCount).prefix(Int.random(in: 0..<64, using: &random))
      for _ in 0..<Int.random(in: 0..<32, using: &random) {
        // Small numbers get further.
        let number = UInt8.random(in: .min ... .max, using: &random)
        bytes.append(Bool.random(using: &random) ? number % 4 : number)
      }
      try expectOneMeaning(&bytes)
    }
  }

  @Test func absurdLengthsAreRefusedAtOnce() throws {
    var bytes = try bytes(of: Frame(id: 1, .request(.status)))
    bytes.put(UInt32.max, at: 8)
    let size = Int(UInt32.max) + FrameHeader.byteCount
    #expect(throws: FrameError.tooLarge(bytes: size, bytesMax: codec.limits.bytesMax)) {
      try codec.decode(bytes.span.bytes)
    }
    // Inside: a count of more than there are bytes.
    var many = try self.bytes(of: Frame(.request(.read(.init(layout: Samples.id, positions: [])))))
    many.put(UInt32.max, at: many.count - 4)
    #expect(throws: FrameError.malformed) { try decode(&many) }
  }

  @Test func keysLongerThanAnybodyRemembersAreRefused() throws {
    let key = [UInt8](repeating: 0x7e, count: KeyDigest.keyBytesMax)
    let wish = Reservation(writes: [StreamKeys(StreamID(4), keys: [key])])
    let request = ReservationsRequest(layout: Samples.id, reservations: [wish])
    let frame = Frame(id: 1, .request(.reserveEach(request)))
    var bytes = try bytes(of: frame)
    let decoded = try codec.decode(bytes.span.bytes)
    #expect(decoded?.frame == frame)
    let place = bytes.indices.first { bytes[$0...].starts(with: key) }
    let begin = try #require(place)
    bytes.insert(0x7e, at: begin)
    bytes.put(UInt32(key.count + 1), at: begin - 4)
    #expect(throws: FrameError.malformed) { try decode(&bytes) }
  }

  @Test func amountsBelowZeroAreRefused() throws {
    var entries = Samples.meters
    entries.entries = -1
    var free = Samples.meters
    free.freeBytes = -1
    var live = Samples.meters
    live.space = UnitSpace(liveBytes: -1, totalBytes: 9)
    var status = Samples.status
    status.unit?.room = .short(bytes: -1)
    let replies: [Reply] = [
      .meters(entries), .meters(free), .meters(live),
      .space(UnitSpace(liveBytes: -1, totalBytes: 6)),
      .space(UnitSpace(liveBytes: 5, totalBytes: .min)), .status(status),
    ]
    for reply in replies {
      let bytes = try bytes(of: Frame(id: 1, .reply(reply)))
      #expect(throws: FrameError.malformed, "\(reply)") { try codec.decode(bytes.span.bytes) }
    }
  }

  @Test func whoeverSpeaksAnotherLanguageIsToldSoAtOnce() throws {
    for text in ["GET / HTTP/1.1", "\u{16}\u{3}\u{1}", "CRFG", "C R"] {
      let bytes = Array(text.utf8)
      #expect(throws: FrameError.notCorfu) { try codec.decode(bytes.span.bytes) }
    }
    let later = Array("CRFU".utf8) + [2]
    #expect(throws: FrameError.otherVersion(2)) { try codec.decode(later.span.bytes) }
    #expect(FrameError.otherVersion(2).description.contains("version 1"))
  }

  @Test func whatIsTooLargeIsNotSent() throws {
    var codec = FrameCodec()
    codec.limits.bytesMax = 100
    var bytes: [UInt8] = [1]
    let request = Request.write(WriteRequest(layout: Samples.id, values: Samples.values))
    #expect(throws: FrameError.self) { try codec.encode(Frame(.request(request)), into: &bytes) }
    #expect(bytes == [1])
  }

  @Test func namesOfClustersAreShortAndPlain() {
    #expect(ClusterName("a-0.z")?.text == "a-0.z")
    for text in ["", "A", "a b", "ä", String(repeating: "a", count: 65)] {
      #expect(ClusterName(text) == nil, "\(text)")
    }
  }

  @Test("The bytes never change unnoticed")
  func golden() throws {
    let request = Request.read(ReadRequest(layout: Samples.id, positions: [Position(258)]))
    #expect(
      try hex(Frame(id: 7, .request(request)))
        == "43524655010400001d000000"
        + "59618518" + "0700000000000000" + "03" + "0900000000000000" + "edfe000000000000"
        + "01000000" + "0201000000000000"
    )
    #expect(
      try hex(Frame(id: 7, .reply(.slots([.success(.junk)]))))
        == "435246550105000007000000" + "30a39214" + "0700000000000000" + "02" + "01000000" + "00"
        + "02"
    )
  }

  @Test func theDocumentNamesEveryKindAndEveryFile() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/wire.md"), encoding: .utf8)
    for kind in RequestKind.allCases { #expect(text.contains("| \(kind.rawValue) | `\(kind)` |")) }
    for kind in ReplyKind.allCases { #expect(text.contains("| \(kind.rawValue) | `\(kind)` |")) }
    let folder = root.appending(path: "Sources/Protocol/Wire").path(percentEncoded: false)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      #expect(text.contains("`\(name)`"), "\(name)")
    }
  }

  // MARK: - Helpers

  private func hex(_ frame: Frame) throws -> String {
    try bytes(of: frame).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Puts length and sum right, and decodes.
  @discardableResult
  private func decode(_ bytes: inout [UInt8]) throws(FrameError) -> Frame? {
    bytes.put(UInt32(bytes.count - FrameHeader.byteCount), at: 8)
    bytes.put(FrameHeader.sum(of: bytes.span.bytes), at: 12)
    return try codec.decode(bytes.span.bytes)?.frame
  }

  /// Expects bytes to be refused, or to be the spelling of what they mean.
  private func expectOneMeaning(_ bytes: inout [UInt8]) throws {
    // Refused is well.
    guard let frame = (try? decode(&bytes)) ?? nil else { return }
    #expect(try self.bytes(of: frame) == bytes, "\(frame)")
  }
}
