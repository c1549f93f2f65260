/// The content of a simulated file: bytes in pages that are shared until written.
///
/// A page nobody wrote takes no memory, so a large preallocated file is cheap; a copy costs one
/// reference per page, so images can be taken by the thousand.
struct SparseBytes: Sendable {
  static let pageBytes = 4096

  /// The file's size.
  private(set) var count: Int

  // An empty page stands for zeros. Bytes beyond `count` within the last page are always zero.
  private var pages: [[UInt8]]

  init(count: Int = 0) {
    self.count = count
    pages = Array(repeating: [], count: Self.pageCount(count))
  }

  init(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    bytes.withUnsafeBytes { write($0, at: 0) }
  }

  var bytes: [UInt8] { read(at: 0, count: count) }

  /// The offsets of the pages that were written.
  var writtenPages: [Int] {
    pages.indices.filter { !pages[$0].isEmpty }.map { $0 * Self.pageBytes }
  }

  func read(at offset: Int, count wanted: Int) -> [UInt8] {
    let begin = min(offset, count)
    let end = begin + min(wanted, count - begin)
    return [UInt8](unsafeUninitializedCapacity: end - begin) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      Self.forEachPage(in: begin..<end) { page, range, at in
        let part = UnsafeMutableRawBufferPointer(rebasing: target[at..<(at + range.count)])
        if pages[page].isEmpty {
          part.initializeMemory(as: UInt8.self, repeating: 0)
        } else {
          pages[page].withUnsafeBytes { part.copyMemory(from: .init(rebasing: $0[range])) }
        }
      }
      initialized = end - begin
    }
  }

  /// Replaces bytes.
  ///
  /// What reaches beyond the end is dropped: only `resize` changes the size.
  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    let end = min(offset + bytes.count, count)
    guard offset < end else { return }
    Self.forEachPage(in: offset..<end) { page, range, at in
      if pages[page].isEmpty { pages[page] = Array(repeating: 0, count: Self.pageBytes) }
      pages[page].withUnsafeMutableBytes { target in
        UnsafeMutableRawBufferPointer(rebasing: target[range])
          .copyMemory(from: .init(rebasing: bytes[at..<(at + range.count)]))
      }
    }
  }

  mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    bytes.withUnsafeBytes { write($0, at: offset) }
  }

  mutating func resize(to newCount: Int) {
    if newCount < count { clear(newCount..<min(count, Self.pageCount(newCount) * Self.pageBytes)) }
    let pageCount = Self.pageCount(newCount)
    if pageCount < pages.count {
      pages.removeLast(pages.count - pageCount)
    } else if pageCount > pages.count {
      pages.append(contentsOf: repeatElement([], count: pageCount - pages.count))
    }
    count = newCount
  }

  /// Makes a range read as zero.
  mutating func clear(_ range: Range<Int>) {
    Self.forEachPage(in: range.clamped(to: 0..<count)) { page, range, _ in
      if pages[page].isEmpty { return }
      for index in range { pages[page][index] = 0 }
    }
  }

  mutating func flipBit(_ bit: Int, at offset: Int) {
    write([read(at: offset, count: 1)[0] ^ (1 << UInt8(bit))][...], at: offset)
  }

  private static func pageCount(_ count: Int) -> Int {
    (count + pageBytes - 1) / pageBytes
  }

  /// Calls `body` with each page's number, the range within it, and how far into the whole that is.
  private static func forEachPage(in range: Range<Int>, _ body: (Int, Range<Int>, Int) -> Void) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let begin = offset % pageBytes
      let length = min(pageBytes - begin, range.upperBound - offset)
      body(offset / pageBytes, begin..<(begin + length), offset - range.lowerBound)
      offset += length
    }
  }
}

extension SparseBytes: Equatable {
  static func == (left: SparseBytes, right: SparseBytes) -> Bool {
    left.count == right.count
      && zip(left.pages, right.pages).allSatisfy { $0 == $1 || isZero($0) && isZero($1) }
  }

  private static func isZero(_ page: [UInt8]) -> Bool {
    page.allSatisfy { $0 == 0 }
  }
}
