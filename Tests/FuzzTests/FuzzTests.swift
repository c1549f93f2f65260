// Goal: whatever bytes a decoder is given, it returns; what it takes means one thing, and is the
// same bytes or the same value again once it was written. Method: some thousand inputs for each
// decoder of the list, noise and changed samples, from a seed; 'Scripts/fuzz' gives the same list
// to libFuzzer.
import Foundation
import Testing

@Suite struct FuzzTests {
  private static let names = FuzzTargets.all.map(\.name)

  private func target(_ name: String) throws -> FuzzTarget {
    try #require(FuzzTargets.all.first { $0.name == name })
  }

  @Test(arguments: names) func itTakesWhatIsWellFormed(name: String) throws {
    let target = try target(name)
    #expect(!target.samples.isEmpty)
    for sample in target.samples {
      #expect(target.check(sample) == .taken, "\(sample.prefix(64))…")
      var sealed = sample
      target.seal(&sealed)
      #expect(sealed == sample, "what puts checksums right changes them")
    }
  }

  @Test(arguments: names) func anyBytesAreRefusedOrMeanOneThing(name: String) throws {
    let target = try target(name)
    let all = target.samples + target.hints + [[]]
    var mutator = ByteMutator(seed: name.utf8.reduce(2026) { $0 &* 31 &+ UInt64($1) })
    var taken = 0
    for round in 0..<(target.isSlow ? 100 : 1000) {
      let (one, other) = (all[round % all.count], all[round / all.count % all.count])
      let bytes = round % 20 == 0 ? mutator.noise() : mutator.changed(one, or: other)
      var sealed = bytes
      target.seal(&sealed)
      for input in sealed == bytes ? [bytes] : [bytes, sealed] {
        switch target.check(input) {
        case .refused: continue
        case .taken: taken += 1
        case .broken(let promise):
          Issue.record("round \(round): \(promise); given \(input.prefix(256))")
          return
        }
      }
    }
    // Where nothing is taken, nothing was shown but that it returns.
    #expect(taken > 0)
  }

  @Test func whatLibFuzzerBeginsWithBreaksNoPromise() {
    var told: [String] = []
    for (_, bytes) in FuzzTargets.seeds { FuzzTargets.run(bytes) { told.append($0) } }
    for short: [UInt8] in [[], [3], [255, 255]] { FuzzTargets.run(short) { told.append($0) } }
    #expect(told == [])
  }

  @Test func brokenPromisesAreToldApart() {
    #expect(FuzzVerdict.spelledOnce([1, 2], as: [1, 2]) == .taken)
    #expect(FuzzVerdict.spelledOnce([1, 2], as: [1, 3]) != .taken)
    #expect(FuzzVerdict.comesBack(1, as: 1) == .taken)
    #expect(FuzzVerdict.comesBack(1, as: 2) != .taken)
    #expect(FuzzVerdict.comesBack(1, as: nil) != .taken)
  }

  // MARK: - The list

  /// What reads bytes, and need not be in the list.
  private static let exceptions = [
    "GlobalLog/SegmentBuilder.swift": "reads what it has laid out itself"
  ]

  /// By these words it is known that a file reads bytes.
  private static let marks = [
    "number(at:", "init(decoding", "cursor: inout WireCursor", "reader: inout BinaryReader",
  ]

  @Test func noDecoderIsForgotten() throws {
    #expect(Set(Self.names).count == Self.names.count, "two have one name")
    #expect(Self.names.count <= 256, "the first byte of an input says which decoder it is for")
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources").path(percentEncoded: false)
    let known = Set(FuzzTargets.all.flatMap(\.files)).union(Self.exceptions.keys)
    var readers: Set<String> = []
    let files = FileManager.default.enumerator(atPath: sources)
    while let path = files?.nextObject() as? String {
      guard path.hasSuffix(".swift") else { continue }
      let text = try String(contentsOfFile: sources + "/" + path, encoding: .utf8)
      if Self.marks.contains(where: { text.contains($0) }) { readers.insert(path) }
    }
    #expect(readers.count > 30, "the sources were not found")
    for path in readers.subtracting(known).sorted() {
      Issue.record("Sources/\(path) reads bytes, and is in no target of FuzzTargets: add one")
    }
    for path in known.sorted() {
      let isThere = FileManager.default.fileExists(atPath: sources + "/" + path)
      #expect(isThere, "Sources/\(path) is not there")
    }
  }
}
