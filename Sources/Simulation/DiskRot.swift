internal import CorfuGlobalLog

/// Damage to what is at rest. It shows at once, as if the page cache had just dropped the place.
extension DiskState {
  /// Draws the damage that happens by itself.
  mutating func rot() {
    if random.chance(faults[.bitFlip]), let place = drawPlace() {
      flipBit(random.number(below: 8), at: place.offset, of: place.inode)
    }
    if random.chance(faults[.zeroedSector]), let place = drawPlace() {
      zeroSector(at: place.offset, of: place.inode)
    }
  }

  mutating func flipBit(_ bit: Int, at offset: Int, of inode: Int) {
    guard let byte = inodes[inode]?.durable.read(at: offset, count: 1).first else { return }
    inodes[inode]?.putAtRest([byte ^ (1 << UInt8(bit))], at: offset)
    count(.bitFlip, "bit \(bit) of byte \(offset) of file \(inode) flips")
  }

  /// Makes the sector zero that holds the byte at an offset.
  mutating func zeroSector(at offset: Int, of inode: Int) {
    let begin = offset / Inode.sectorBytes * Inode.sectorBytes
    let zeros = [UInt8](repeating: 0, count: Inode.sectorBytes)
    inodes[inode]?.putAtRest(zeros[...], at: begin)
    count(.zeroedSector, "the sector at \(begin) of file \(inode) becomes zero")
  }

  /// Lets a write land on a place where it does not belong.
  mutating func misdirect(_ change: Inode.Change) {
    guard let place = drawPlace() else { return }
    let begin = place.offset / Inode.sectorBytes * Inode.sectorBytes
    inodes[place.inode]?.putAtRest(change.bytes[...], at: begin)
    count(
      .misdirectedWrite,
      "a write meant for \(change.offset) lands at \(begin) of file \(place.inode)"
    )
  }

  /// A place at rest: in a file that has bytes, and there in a page that was written, if there is
  /// one.
  private mutating func drawPlace() -> (inode: Int, offset: Int)? {
    let inodes = Set(directory.durableNames.values).sorted()
      .filter { (self.inodes[$0]?.durable.count ?? 0) > 0 }
    guard let inode = random.element(of: inodes), let bytes = self.inodes[inode]?.durable else {
      return nil
    }
    let page = random.element(of: bytes.writtenPages) ?? 0
    let end = min(page + SparseBytes.pageBytes, bytes.count)
    return (inode, random.number(in: page...(end - 1)))
  }
}
