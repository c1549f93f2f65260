/// The last positions of a stream, newest first: four at most, each once.
///
/// Flat, without an array of its own: there may be a million.
struct LastFour: Hashable, Sendable, BitwiseCopyable {
  // Each position plus one, so that 0 stands for none.
  private(set) var first: UInt64 = 0
  private(set) var second: UInt64 = 0
  private(set) var third: UInt64 = 0
  private(set) var fourth: UInt64 = 0

  static let byteCount = 32

  /// One past the newest; zero without any.
  var end: Position { Position(first) }

  /// Whether there are four.
  var isFull: Bool { fourth > 0 }

  /// Whether there are four, and a position lies before all of them.
  func isFull(behind position: Position) -> Bool { fourth > position.number + 1 }

  /// Whether a position is one of them.
  func contains(_ position: Position) -> Bool {
    let place = position.number + 1
    return place == first || place == second || place == third || place == fourth
  }

  /// The positions, newest first.
  var positions: [Position] {
    var positions: [Position] = []
    forEach { positions.append($0) }
    return positions
  }

  /// Hands out the positions, newest first.
  func forEach(_ body: (Position) -> Void) {
    if first > 0 { body(Position(first - 1)) }
    if second > 0 { body(Position(second - 1)) }
    if third > 0 { body(Position(third - 1)) }
    if fourth > 0 { body(Position(fourth - 1)) }
  }

  /// Takes a position in, in its place.
  ///
  /// - Returns: The position that has no room any more; `nil` if none had to go.
  @discardableResult
  mutating func insert(_ position: Position) -> Position? {
    var place = position.number + 1
    if place == first { return nil }
    if place > first { swap(&place, &first) }
    if place == second { return nil }
    if place > second { swap(&place, &second) }
    if place == third { return nil }
    if place > third { swap(&place, &third) }
    if place == fourth { return nil }
    if place > fourth { swap(&place, &fourth) }
    return place > 0 ? Position(place - 1) : nil
  }

  init() {}

  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: first)
    bytes.append(number: second)
    bytes.append(number: third)
    bytes.append(number: fourth)
  }

  /// Reads what ``encode(into:)`` wrote; `nil` for what cannot be.
  init?(_ bytes: RawSpan, at index: Int) {
    first = bytes.number(at: index)
    second = bytes.number(at: index + 8)
    third = bytes.number(at: index + 16)
    fourth = bytes.number(at: index + 24)
    guard first <= Position.max.number, first > second || second == 0,
      second > third || third == 0, third > fourth || fourth == 0
    else { return nil }
  }
}
