/// Every decoder of bytes that come from others, or from a disk.
///
/// This is the one list: the tests go through it, and so does libFuzzer (`Scripts/fuzz`).
enum FuzzTargets {
  static let all: [FuzzTarget] = Array(
    [records, segments, unitFiles, layouts, wire, objects, values, clusterFiles, texts].joined()
  )

  /// Gives a decoder some bytes, as they are or with their checksums put right.
  ///
  /// - Parameters:
  ///   - bytes: Which decoder, whether checksums are put right, and what it is given.
  ///   - onBroken: Hears which promise is broken.
  static func run(_ bytes: [UInt8], onBroken: (String) -> Void) {
    guard bytes.count >= 2 else { return }
    let target = all[Int(bytes[0]) % all.count]
    var input = Array(bytes.dropFirst(2))
    if bytes[1] % 4 != 0 { target.seal(&input) }
    if case .broken(let promise) = target.check(input) { onBroken("\(target.name): \(promise)") }
  }

  /// Bytes for ``run(_:onBroken:)`` to begin with, each with a name.
  static var seeds: [(name: String, bytes: [UInt8])] {
    all.enumerated().flatMap { place, target in
      (target.samples + target.hints).enumerated().map { number, sample in
        (name: "\(target.name)-\(number)", bytes: [UInt8(place), 1] + sample)
      }
    }
  }
}
