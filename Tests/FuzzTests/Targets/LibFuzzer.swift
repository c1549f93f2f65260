import Foundation

// What libFuzzer calls, where `Scripts/fuzz` has built these files with it. To tests it is nothing.

/// Writes down what decoders take, for libFuzzer to begin with.
///
/// - Parameters:
///   - count: Of no interest.
///   - words: Of no interest.
/// - Returns: Zero.
@_cdecl("LLVMFuzzerInitialize")
public func prepareFuzzing(_ count: UnsafeRawPointer?, _ words: UnsafeRawPointer?) -> CInt {
  guard let folder = ProcessInfo.processInfo.environment["CORFU_FUZZ_SEEDS"] else { return 0 }
  for (name, bytes) in FuzzTargets.seeds {
    let file = "seed-" + name.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    // Without them it only takes longer.
    try? Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
  }
  return 0
}

/// Gives one decoder what libFuzzer made up.
///
/// - Parameters:
///   - data: The bytes.
///   - count: How many there are.
/// - Returns: Zero: keep it, if it was worth something.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  FuzzTargets.run(bytes) { promise in preconditionFailure(promise) }
  return 0
}
