/// What a learner wrote, carried over from one starter into the next.
///
/// It is understood as lines that were put between the starter's: in the place of a `TODO`, or
/// behind a line of it.
struct CarriedWork {
  /// The learner's file on the new starter; `nil` if that takes a person, since the learner changed
  /// lines of the starter, or what theirs stand behind is gone.
  let text: String?

  /// Carries it over.
  ///
  /// - Parameters:
  ///   - yours: The learner's file.
  ///   - base: The starter that it stems from.
  ///   - starter: The new one.
  init(_ yours: String, from base: String, to starter: String) {
    let (base, starter) = (Self.lines(base), Self.lines(starter))
    guard let additions = Self.additions(in: Self.lines(yours), to: base),
      let placed = Self.places(of: additions, from: base, to: starter)
    else {
      text = nil
      return
    }
    var lines: [Substring] = []
    for (index, line) in starter.enumerated() {
      let added = placed[index] ?? []
      if !(Self.isTask(line) && !added.isEmpty) { lines.append(line) }
      lines += added
    }
    text = lines.joined(separator: "\n")
  }

  /// By the index of the starter's line that they stand behind, or in the place of, the lines that
  /// a learner added; `nil` if code of the starter is missing.
  private static func additions(
    in yours: [Substring],
    to base: [Substring]
  ) -> [Int: [Substring]]? {
    var additions: [Int: [Substring]] = [:]
    var next = 0
    var before = -1
    for (index, line) in base.enumerated() {
      if isTask(line) {
        before = index
        continue
      }
      // A comment may be gone; it is looked for before the code that follows it.
      let code = base[index...].first { isCode($0) && !isTask($0) }
      guard let end = code.map({ yours[next...].firstIndex(of: $0) }) ?? yours.endIndex else {
        return nil
      }
      guard let found = isCode(line) ? end : yours[next..<end].firstIndex(of: line) else {
        continue
      }
      additions[before, default: []] += yours[next..<found]
      next = found + 1
      before = index
    }
    additions[before, default: []] += yours[next...]
    return additions.filter { !$0.value.isEmpty }
  }

  /// The same by the index of the new starter's line.
  private static func places(
    of additions: [Int: [Substring]],
    from base: [Substring],
    to starter: [Substring]
  ) -> [Int: [Substring]]? {
    let (oldTasks, newTasks) = (base.indices.filter { isTask(base[$0]) }, tasks(in: starter))
    guard oldTasks.count == newTasks.count else { return nil }
    let survivors = survivors(from: base, to: starter)
    var placed: [Int: [Substring]] = [:]
    for (index, lines) in additions {
      // What is still to do is to do in the new starter's words.
      if lines == [base[max(0, index)]] { continue }
      guard let task = oldTasks.firstIndex(of: index) else {
        guard let place = index < 0 ? -1 : survivors[index] else { return nil }
        placed[place] = lines
        continue
      }
      placed[newTasks[task]] = lines
    }
    // Nothing stands before the first line.
    return placed[-1] == nil ? placed : nil
  }

  private static func tasks(in lines: [Substring]) -> [Int] {
    lines.indices.filter { isTask(lines[$0]) }
  }

  /// Where the lines that both have went.
  private static func survivors(from old: [Substring], to new: [Substring]) -> [Int: Int] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    let kept = old.indices.filter { !removed.contains($0) }
    let places = new.indices.filter { !inserted.contains($0) }
    return Dictionary(uniqueKeysWithValues: zip(kept, places))
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func isTask(_ line: Substring) -> Bool {
    line.drop { $0 == " " }.hasPrefix("TODO(\"")
  }

  private static func isCode(_ line: Substring) -> Bool {
    let code = line.drop { $0 == " " }
    return !code.isEmpty && !code.hasPrefix("//")
  }
}
