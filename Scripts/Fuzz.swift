// What Scripts/fuzz builds: bytes in, and every decoder that strangers reach is tried on them. A
// decoder that traps, reads where it should not, or takes one value in two spellings, is found.
import CorfuGlobalLog
import CorfuProtocol

/// The bytes of a frame with this kind and body, its sum as it should be: else no mutation gets past
/// the sum.
private func frame(kind: UInt8, _ body: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = Array("CRFU".utf8) + [1, kind, 0, 0]
  for shift in stride(from: 0, to: 32, by: 8) {
    bytes.append(UInt8(truncatingIfNeeded: body.count >> shift))
  }
  bytes += [0, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + body
  var sum = Checksum()
  sum.update(bytes.span.bytes.extracting(0..<12))
  sum.update(bytes.span.bytes.extracting(16..<bytes.count))
  for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: sum.value >> (8 * index)) }
  return bytes
}

private func tryFrame(_ bytes: [UInt8], codec: FrameCodec) {
  do {
    guard let (frame, byteCount) = try codec.decode(bytes.span.bytes) else { return }
    var again: [UInt8] = []
    try codec.encode(frame, into: &again)
    precondition(again == Array(bytes.prefix(byteCount)), "two spellings of \(frame)")
  } catch {
    // Refused, as it should be.
    return
  }
}

private func tryMembership(_ bytes: [UInt8]) {
  do {
    let membership = try Membership(decoding: bytes)
    precondition(membership.encoded() == bytes, "two spellings of \(membership)")
    precondition(membership.objection == nil, "a membership that cannot be was taken")
  } catch {
    // Refused, as it should be.
    return
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  guard let first = bytes.first else { return 0 }
  let rest = Array(bytes.dropFirst())
  switch first % 4 {
  case 0: tryFrame(rest, codec: FrameCodec())
  case 1:
    tryMembership(rest)
    let text = String(decoding: rest, as: UTF8.self)
    if let address = NodeAddress(text) { precondition(NodeAddress("\(address)") == address) }
  default: tryFrame(frame(kind: 1 + first / 4 % 5, rest), codec: FrameCodec())
  }
  return 0
}
