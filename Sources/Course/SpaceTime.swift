/// Who was there, and what passed between them: a trace, ready to be drawn.
///
/// Time goes down, each process has a line of its own.
struct SpaceTime: Equatable {
  /// The processes, each where it first appears, clients to the left.
  let names: [String]
  /// What happened, in order.
  let events: [StoryEvent]

  /// Understands a story's lines.
  init(_ lines: [String]) {
    let events = lines.map { StoryEvent($0) }
    var askers: [String] = []
    var asked: [String] = []
    for case .call(let call) in events {
      if !askers.contains(call.from) { askers.append(call.from) }
      if !asked.contains(call.to) { asked.append(call.to) }
    }
    let names = askers.filter { !asked.contains($0) } + asked
    self.names = names.isEmpty ? [StoryEvent.callee] : names
    self.events = events.map { $0.named(by: names) }
  }

  /// The columns of those whom a text names: whose line a crash interrupts.
  func columns(namedIn text: String) -> [Int] {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { String($0) }
    return names.indices.filter { index in
      let parts = names[index].split(separator: " ").map { String($0) }
      return words.indices.contains { words[$0...].starts(with: parts) }
    }
  }

  /// How far apart the lines must be for each label to fit above its arrow.
  ///
  /// - Parameters:
  ///   - letter: How wide a letter is.
  ///   - labelMax: With how many letters a label is cut.
  /// - Returns: The distance, in the unit of a letter's width.
  func gap(letter: Int, labelMax: Int) -> Int {
    var gap = 130
    for case .call(let call) in events {
      guard let from = names.firstIndex(of: call.from), let to = names.firstIndex(of: call.to),
        from != to
      else { continue }
      let letters = min(labelMax, max(call.what.count, call.answer?.count ?? 0))
      gap = max(gap, (letters * letter + 48) / abs(from - to))
    }
    return gap
  }
}
