/// A hash of words in order that is the same in every process: FNV-1a, a word at a time.
///
/// It tells apart what was not made to deceive; nobody lies inside a cluster.
package struct WordHash {
  /// The hash of what was taken in so far.
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Nothing was taken in yet.
  package init() {}

  /// Takes in the next word.
  package mutating func take(_ word: UInt64) {
    value ^= word
    value &*= 0x0000_0100_0000_01b3
    // Or the upper half of a word would never reach the lower half of the hash.
    value ^= value >> 29
  }
}
