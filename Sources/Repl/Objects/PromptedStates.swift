import CorfuTransactions

// The states in the box, in the words of the prompt. Keys and values are what one types.

private func word(_ key: LogKey?, _ width: Int? = ObjectTold.wordMax) -> String {
  key.map { KeyParser.word(for: $0, width: width) } ?? RegisterWords.nothing
}

extension MapState: PromptedState where Value == LogKey {
  static var kind: ObjectKind { .map }

  static func keys(for question: ObjectQuestion) -> [LogKey]? {
    if case .value(let key) = question { [key] } else { nil }
  }

  func answer(to question: ObjectQuestion) -> Report {
    switch question {
    case .value(let key), .has(let key): .value(self[key])
    case .range(let first, let end):
      first < end
        ? .pairs(elements(in: first..<end).map { ($0.key, $0.value) }) : .pairs([])
    case .all: .pairs(elements().map { ($0.key, $0.value) })
    case .glance:
      Report.pairs(elements().prefix(Report.glanceMax).map { ($0.key, $0.value) })
        .beginning(of: count, "key", "keys")
    }
  }

  static func update(for wish: ObjectChangeWish) -> Update? {
    switch wish {
    case .put(let key, let value): .put(key, value)
    case .remove(let key): .remove(key)
    default: nil
    }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .put(let key, let value): "\(word(key, width)) = \(word(value, width))"
    case .remove(let key): "\(word(key, width)) removed"
    case .removeAll: "all removed"
    }
  }

  static func told(_ outcome: LogKey?, of update: Update) -> ObjectTold {
    let before = ObjectTold(outcome)
    switch update {
    case .put where outcome == nil: return ObjectTold(words(for: update), before.json)
    case .put: return ObjectTold("\(words(for: update)), which was \(before.text)", before.json)
    case .remove(let key):
      let text =
        outcome == nil ? " was not there" : ", which was \(before.text), is removed"
      return ObjectTold(word(key) + text, before.json)
    case .removeAll: return ObjectTold(words(for: update), .null)
    }
  }

  func standing(of key: LogKey?) -> ObjectTold {
    if let key { return ObjectTold(self[key]) }
    return ObjectTold(Numbers.count(count, "key", "keys"), .whole(count))
  }
}

extension CounterState: PromptedState {
  static var kind: ObjectKind { .counter }

  func answer(to question: ObjectQuestion) -> Report { .value(.integer(value)) }

  static func update(for wish: ObjectChangeWish) -> Update? {
    if case .count(let number) = wish { .add(number) } else { nil }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .add(let number): number < 0 ? "\(number)" : "+\(number)"
    }
  }

  static func told(_ outcome: Int64?, of update: Update) -> ObjectTold {
    outcome.map { ObjectTold(.integer($0)) }
      ?? ObjectTold("the sum would not fit 64 bits, and nothing changed", .null)
  }

  func standing(of key: LogKey?) -> ObjectTold { ObjectTold(.integer(value)) }
}

extension SetState: PromptedState {
  static var kind: ObjectKind { .set }

  static func keys(for question: ObjectQuestion) -> [LogKey]? {
    if case .has(let key) = question { [key] } else { nil }
  }

  func answer(to question: ObjectQuestion) -> Report {
    switch question {
    case .has(let key), .value(let key):
      Report(lines: [contains(key) ? "yes" : "no"], json: ["has": .bool(contains(key))])
    case .range(let first, let end):
      .values(first < end ? Array(elements(in: first..<end)) : [], "member", "members")
    case .all: .values(elements(), "member", "members")
    case .glance:
      Report.values(elements().prefix(Report.glanceMax), "member", "members")
        .beginning(of: count, "member", "members")
    }
  }

  static func update(for wish: ObjectChangeWish) -> Update? {
    switch wish {
    case .insert(let key): .insert(key)
    case .remove(let key): .remove(key)
    default: nil
    }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .insert(let key): "\(word(key, width)) added"
    case .remove(let key): "\(word(key, width)) removed"
    case .removeAll: "all removed"
    }
  }

  static func told(_ outcome: Bool, of update: Update) -> ObjectTold {
    let text =
      switch update {
      case .insert(let key) where !outcome: "\(word(key)) was there already"
      case .remove(let key) where !outcome: "\(word(key)) was not there"
      case .insert, .remove, .removeAll: words(for: update)
      }
    return ObjectTold(text, .bool(outcome))
  }

  func standing(of key: LogKey?) -> ObjectTold {
    guard let key else {
      return ObjectTold(Numbers.count(count, "member", "members"), .whole(count))
    }
    return ObjectTold(contains(key) ? "is in it" : "is not in it", .bool(contains(key)))
  }
}

extension ListState: PromptedState where Value == LogKey {
  static var kind: ObjectKind { .list }

  func answer(to question: ObjectQuestion) -> Report {
    var report =
      question == .glance
      ? Report.values(elements().prefix(Report.glanceMax), "value", "values")
        .beginning(of: count, "value", "values")
      : Report.values(elements(), "value", "values")
    report.heading = report.heading.enumerated().map { "\($0.offset)  \($0.element)" }
    return report
  }

  static func update(for wish: ObjectChangeWish) -> Update? {
    switch wish {
    case .append(let value): .append(value)
    case .insertValue(let value, let index): .insert(value, at: index)
    case .setValue(let value, let index): .set(value, at: index)
    case .removeValue(let index): .remove(at: index)
    default: nil
    }
  }

  /// An index means something only together with what stands before it.
  static func depends(_ update: Update) -> Bool {
    if case .append = update { false } else { true }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .append(let value): "\(word(value, width)) at the end"
    case .insert(let value, let index): "\(word(value, width)) at \(index), before what was there"
    case .set(let value, let index): "\(word(value, width)) at \(index)"
    case .remove(let index): "the value at \(index) removed"
    }
  }

  static func told(_ outcome: Outcome, of update: Update) -> ObjectTold {
    switch outcome {
    case .inserted(let index):
      ObjectTold("it is the value at index \(index)", ["index": .whole(index)])
    case .replaced(let value):
      ObjectTold("\(words(for: update)), where \(word(value)) was", ["was": value.json])
    case .removed(let value): ObjectTold("removed \(word(value))", ["was": value.json])
    case .outOfRange(let count):
      ObjectTold(
        "there is no such index, and nothing changed: "
          + "the list has \(Numbers.count(count, "value", "values"))",
        ["count": .whole(count)]
      )
    }
  }

  func standing(of key: LogKey?) -> ObjectTold {
    ObjectTold(Numbers.count(count, "value", "values"), .whole(count))
  }
}

extension QueueState: PromptedState where Value == LogKey {
  static var kind: ObjectKind { .queue }

  func answer(to question: ObjectQuestion) -> Report {
    let (one, many) = ("value waits", "values wait")
    if question == .glance {
      return Report.values(elements().prefix(Report.glanceMax), one, many)
        .beginning(of: count, one, many)
    }
    return .values(elements(), one, many)
  }

  static func update(for wish: ObjectChangeWish) -> Update? {
    switch wish {
    case .append(let value): .push(value)
    case .pop: .pop
    default: nil
    }
  }

  static func depends(_ update: Update) -> Bool {
    if case .pop = update { true } else { false }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .push(let value): "\(word(value, width)) at the end"
    case .pop: "the first one out"
    }
  }

  static func told(_ outcome: Outcome, of update: Update) -> ObjectTold {
    switch outcome {
    case .pushed(let count):
      ObjectTold(Numbers.count(count, "value waits", "values wait"), ["count": .whole(count)])
    case .popped(let value): ObjectTold(value, width: PayloadText.wholeMax)
    case .empty: ObjectTold("(empty)", .null)
    }
  }

  func standing(of key: LogKey?) -> ObjectTold {
    ObjectTold(Numbers.count(count, "value waits", "values wait"), .whole(count))
  }
}

extension RegisterState: PromptedState where Value == LogKey {
  static var kind: ObjectKind { .register }

  func answer(to question: ObjectQuestion) -> Report { .value(value) }

  static func update(for wish: ObjectChangeWish) -> Update? {
    switch wish {
    case .write(let value): .write(value)
    case .compareAndSet(let old, let new): .compareAndSet(expected: old, new)
    default: nil
    }
  }

  static func depends(_ update: Update) -> Bool {
    if case .compareAndSet = update { true } else { false }
  }

  static func words(for update: Update, width: Int?) -> String {
    switch update {
    case .write(let value): word(value, width)
    case .compareAndSet(let old, let new): "\(word(new, width)), if it is \(word(old, width))"
    }
  }

  static func told(_ outcome: Outcome, of update: Update) -> ObjectTold {
    let before = ObjectTold(outcome.previous)
    let json: JSON = ["isSet": .bool(outcome.isSet), "was": before.json]
    if !outcome.isSet { return ObjectTold("not written: it is \(word(outcome.previous))", json) }
    switch update {
    case .write(let value), .compareAndSet(_, let value):
      return ObjectTold("\(word(value)), where \(word(outcome.previous)) was", json)
    }
  }

  func standing(of key: LogKey?) -> ObjectTold { ObjectTold(value) }
}
