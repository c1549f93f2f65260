/// Finds the name that was probably meant.
enum NearestName {
  /// The nearest of some names, if it is near enough; the first of equally near ones.
  static func of(_ word: String, among names: [String]) -> String? {
    // The right word in the wrong place: `segmentSize` is `store.segmentSize`.
    let last = word.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if let moved = names.first(where: { $0.lowercased().split(separator: ".").last ?? "" == last })
    {
      return moved
    }
    let typed = Array(word.lowercased().prefix(64))
    var best: (name: String, distance: Int)?
    for name in names {
      // Letters that are too many or too few: one that was taken for another is both.
      let distance = Array(name.lowercased()).difference(from: typed).count
      guard distance <= max(2, name.count / 3), distance < best?.distance ?? .max else { continue }
      best = (name, distance)
    }
    return best?.name
  }
}
