// The updates of the states in the box are arrays: what they do as a number, then what with.

extension BinaryWriter {
  /// Begins the update with this number.
  mutating func begin(update number: Int, parts: Int) {
    beginArray(count: parts + 1)
    write(Int64(number))
  }
}

extension BinaryReader {
  /// Reads the beginning of an update.
  ///
  /// How many parts update 0, 1, … has, tells whether it is one.
  mutating func beginUpdate(parts: Int...) throws(BinaryCodingError) -> Int {
    let start = offset
    let count = try beginArray()
    let number = try integer(Int.self)
    // A later version of this program may know more updates. Nobody can play past what it does not
    // know, and stay the same as those who do.
    guard parts.indices.contains(number), parts[number] + 1 == count else {
      throw .unexpected(offset: start, wanted: "an update that this version knows")
    }
    return number
  }
}
