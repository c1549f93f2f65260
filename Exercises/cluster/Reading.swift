import CorfuGlobalLog

/// Chapter 1: reads the log's files again, byte by byte, and tells what stands there.
///
/// The store that wrote them has a codec and a judge of its own: what one wrote, the other reads.
func readAgain<Storage: Device, Codec: RecordCoding, Judge: TailJudging>(
  _ device: Storage,
  _: Codec.Type,
  _: Judge.Type
) throws(DeviceError) {
  var (records, losses, differing) = (0, 0, 0)
  for name in try device.list() where name.hasSuffix(".seg") {
    let file = try device.open(name)
    let bytes = try file.read(at: 0, count: file.size())
    guard case .header(let header, _) = SegmentHeader.read(bytes.span.bytes) else { continue }
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: header.unit,
      segment: header.number,
      durable: header.durable,
      Codec.self,
      Judge.self
    )
    records += scan.found.count { $0.header.kind == .data }
    losses += scan.losses.count
    for found in scan.found {
      var again: [UInt8] = []
      Codec.encode(found.header, into: &again)
      if again[...] != bytes[found.offset..<found.offset + again.count] { differing += 1 }
    }
  }
  let found = "\(records) entries, \(losses) lost, \(differing) headers differ"
  print("read again from its bytes: \(found)")
}
