/// The stories of failed checks in a text: in what the checks print, or in what a chapter shows of
/// that.
struct Stories: Equatable {
  /// Each as its lines; the first names the check.
  let all: [[String]]

  /// Finds them.
  init(_ text: String) {
    var all: [[String]] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.first?.isNumber == true, line.contains("  FAIL   I") {
        all.append([String(line)])
        isInside = true
      } else if isInside, line.hasPrefix(" ") {
        all[all.count - 1].append(String(line))
      } else {
        isInside = false
      }
    }
    self.all = all
  }

  /// Those of an exercise: `1.3`.
  func of(_ exercise: String) -> [[String]] {
    all.filter { $0[0].hasPrefix(exercise + ".") }
  }
}
