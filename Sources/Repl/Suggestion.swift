/// Finds the name that was probably meant.
enum Suggestion {
  /// The nearest of some names, if it is near enough; the first of equally near ones.
  static func nearest(to word: String, among names: [String]) -> String? {
    let typed = Array(word.lowercased().utf8.prefix(32))
    var best: (name: String, distance: Int)?
    for name in names {
      // Two slips in a name of three letters would turn anything into anything.
      let slipsMax = min(2, max(1, name.utf8.count / 3))
      guard abs(name.utf8.count - typed.count) <= slipsMax else { continue }
      let wanted = Array(name.utf8)
      let distance = distance(typed, wanted)
      guard distance <= slipsMax, distance < wanted.count else { continue }
      if let known = best, known.distance <= distance { continue }
      best = (name, distance)
    }
    return best?.name
  }

  /// The Damerau-Levenshtein distance (of optimal alignment): how many letters to insert, remove,
  /// replace or swap with their neighbour.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      current.reserveCapacity(right.count + 1)
      for column in 1...right.count {
        let isEqual = left[row - 1] == right[column - 1]
        var cost = min(previous[column] + 1, current[column - 1] + 1)
        cost = min(cost, previous[column - 1] + (isEqual ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          cost = min(cost, before[column - 2] + 1)
        }
        current.append(cost)
      }
      before = previous
      previous = current
    }
    return previous[right.count]
  }
}
