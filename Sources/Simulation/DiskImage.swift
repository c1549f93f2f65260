/// The files of a folder, as a value: to take from one simulated disk, alter, and give to another.
///
/// ```swift
/// var image = device.snapshot()
/// image["00000000.seg"]?[17] ^= 1
/// let rotten = SimulatedDevice(world: world, image: image)
/// ```
public struct DiskImage: Equatable, Sendable {
  var files: [String: SparseBytes] = [:]

  /// An empty folder.
  public init() {}

  /// The names of the files, sorted.
  public var names: [String] { files.keys.sorted() }

  /// The bytes of a file; `nil` if there is none.
  public subscript(name: String) -> [UInt8]? {
    get { files[name]?.bytes }
    set { files[name] = newValue.map { SparseBytes($0) } }
  }

  /// The size of a file in bytes; `nil` if there is none.
  public func size(of name: String) -> Int? {
    files[name]?.count
  }

  /// Inverts one bit, 0 to 7, of the byte at an offset, more cheaply than through the subscript.
  public mutating func flipBit(of name: String, at offset: Int, bit: Int) {
    files[name]?.flipBit(bit, at: offset)
  }

  /// Cuts a file to `count` bytes, or lengthens it by zeros.
  public mutating func resize(_ name: String, to count: Int) {
    files[name]?.resize(to: count)
  }
}
