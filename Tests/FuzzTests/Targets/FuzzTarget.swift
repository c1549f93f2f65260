import CorfuGlobalLog

/// A decoder, and what must hold whatever it is given.
///
/// Tests give it some hundred inputs each time, and libFuzzer as many as there is time for.
struct FuzzTarget: Sendable {
  /// What is decoded.
  let name: String
  /// The files that do it, below `Sources`.
  let files: [String]
  /// Bytes that it takes.
  let samples: [[UInt8]]
  /// Bytes that are worth being changed, whether it takes them or not.
  let hints: [[UInt8]]
  /// Whether it takes so long that tests give it few inputs.
  let isSlow: Bool
  /// Puts the checksums right that stand in some bytes: else no change would get past them.
  let seal: @Sendable (inout [UInt8]) -> Void
  /// Gives it some bytes, which may be anything: whatever they are, it returns.
  let check: @Sendable ([UInt8]) -> FuzzVerdict

  init(
    _ name: String,
    files: [String],
    samples: [[UInt8]],
    hints: [[UInt8]] = [],
    isSlow: Bool = false,
    seal: @escaping @Sendable (inout [UInt8]) -> Void = { _ in },
    check: @escaping @Sendable ([UInt8]) -> FuzzVerdict
  ) {
    self.name = name
    self.files = files
    self.samples = samples
    self.hints = hints
    self.isSlow = isSlow
    self.seal = seal
    self.check = check
  }
}

/// What came of giving a decoder some bytes.
enum FuzzVerdict: Equatable, Sendable {
  /// They mean nothing to it.
  case refused
  /// They mean something, and what is promised of that is so.
  case taken
  /// They mean something, and a promise is broken.
  case broken(String)

  /// What was taken has one spelling: these bytes, and no others.
  static func spelledOnce(
    _ again: [UInt8],
    as bytes: some Collection<UInt8>
  ) -> FuzzVerdict {
    if again.elementsEqual(bytes) { return .taken }
    let place = zip(again, bytes).prefix { $0 == $1 }.count
    return .broken("taken, and spelled otherwise from byte \(place) on: \(again.prefix(64))…")
  }

  /// What was taken is the same once it was written and read again.
  static func comesBack<Value: Equatable>(_ value: Value, as again: Value?) -> FuzzVerdict {
    if again == value { return .taken }
    return .broken("\(value) comes back as \(again.map { "\($0)" } ?? "nothing")")
  }
}

/// Puts the CRC-32C of some bytes where it stands, if both lie inside.
func seal(_ bytes: inout [UInt8], _ range: Range<Int>, at place: Int) {
  guard place >= 0, range.upperBound <= bytes.count, place + 4 <= bytes.count else { return }
  bytes.put(Checksum.of(bytes.span.bytes.extracting(range)), at: place)
}

/// Puts the CRC-32C of all bytes but the last four there.
func sealEnd(_ bytes: inout [UInt8]) {
  guard bytes.count >= 4 else { return }
  seal(&bytes, 0..<bytes.count - 4, at: bytes.count - 4)
}
