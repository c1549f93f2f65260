internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Logging

/// What stands somewhere for a setting, before anybody knows whether it makes sense.
enum SettingValue: Hashable, Sendable {
  /// Of a variable or a flag, which have no types.
  case word(String)
  /// A text of a file.
  case text(String)
  /// A whole number of a file.
  case number(Int)
  /// A number of a file that is not whole, or too large.
  case fraction(Double)
  /// `true` or `false` of a file.
  case truth(Bool)
  /// A list of a file.
  case list([String])

  /// As it would be shown to whoever wrote it.
  var shown: String {
    switch self {
    case .word(let text), .text(let text): text.isEmpty ? "nothing" : "'\(text)'"
    case .number(let number): "\(number)"
    case .fraction(let number): "\(number)"
    case .truth(let truth): "\(truth)"
    case .list(let list): "a list of \(list.count)"
    }
  }
}

/// What is wrong with a value, and what would be right.
struct SettingMistake: Error {
  let text: String

  init(_ value: SettingValue, isNo what: String, _ advice: String) {
    text = "\(value.shown) is no \(what): \(advice)"
  }

  init(_ value: SettingValue, isOutside range: String) {
    text = "\(value.shown) is too much or too little: from \(range)"
  }
}

// MARK: - What values can be

extension SettingValue {
  /// A text that is not empty.
  func readText(_ what: String, _ advice: String) throws(SettingMistake) -> String {
    switch self {
    case .word(let text), .text(let text):
      if text.isEmpty { throw SettingMistake(self, isNo: what, advice) }
      return text
    case .number, .fraction, .truth, .list: throw SettingMistake(self, isNo: what, advice)
    }
  }

  /// A whole number.
  func readCount(in range: ClosedRange<Int>) throws(SettingMistake) -> Int {
    let number: Int?
    switch self {
    case .word(let text): number = Int(text)
    case .number(let value): number = value
    case .text, .fraction, .truth, .list: number = nil
    }
    guard let number else { throw SettingMistake(self, isNo: "whole number", "write one, as 100") }
    guard range.contains(number) else {
      throw SettingMistake(self, isOutside: "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A size in bytes.
  func readSize(in range: ClosedRange<Int>) throws(SettingMistake) -> Int {
    let bytes: Int?
    switch self {
    case .word(let text), .text(let text): bytes = SettingUnits.size(text)
    case .number(let value): bytes = value
    case .fraction, .truth, .list: bytes = nil
    }
    guard let bytes else {
      throw SettingMistake(self, isNo: "size", "write bytes, or KiB, MiB or GiB, as \"64MiB\"")
    }
    guard range.contains(bytes) else {
      let (least, most) = (SettingUnits.text(size: range.lowerBound), range.upperBound)
      throw SettingMistake(self, isOutside: "\(least) to \(SettingUnits.text(size: most))")
    }
    return bytes
  }

  /// How long.
  func readDuration(in range: ClosedRange<Duration>) throws(SettingMistake) -> Duration {
    let duration: Duration?
    switch self {
    case .word(let text), .text(let text): duration = SettingUnits.duration(text)
    case .number, .fraction, .truth, .list: duration = nil
    }
    guard let duration else {
      throw SettingMistake(self, isNo: "duration", "write it with its unit, as \"200ms\" or \"5s\"")
    }
    guard range.contains(duration) else {
      let (least, most) = (SettingUnits.text(range.lowerBound), range.upperBound)
      throw SettingMistake(self, isOutside: "\(least) to \(SettingUnits.text(most))")
    }
    return duration
  }

  /// Yes or no.
  func readTruth() throws(SettingMistake) -> Bool {
    switch self {
    case .truth(let truth): return truth
    case .word("true"), .word("yes"), .word("1"): return true
    case .word("false"), .word("no"), .word("0"): return false
    case .word: throw SettingMistake(self, isNo: "yes or no", "write true or false")
    case .text, .number, .fraction, .list:
      throw SettingMistake(self, isNo: "yes or no", "write true or false, without quotes")
    }
  }

  /// Where something listens.
  func readAddress() throws(SettingMistake) -> NodeAddress {
    let advice = "write HOST:PORT, as \"10.0.0.1:7000\" or \"[::1]:7000\""
    let text = try readText("address", advice)
    guard let address = NodeAddress(text) else {
      throw SettingMistake(self, isNo: "address", advice)
    }
    return address
  }

  /// The name of a cluster.
  func readCluster() throws(SettingMistake) -> ClusterName {
    let advice = "write 1 to 64 of the characters a-z, 0-9, '-' and '.'"
    let text = try readText("name of a cluster", advice)
    guard let name = ClusterName(text) else {
      throw SettingMistake(self, isNo: "name of a cluster", advice)
    }
    return name
  }

  /// The name of a node: `3` or `n3`.
  func readNode() throws(SettingMistake) -> NodeID {
    let number: UInt32?
    switch self {
    case .word(let text): number = UInt32(text.hasPrefix("n") ? String(text.dropFirst()) : text)
    case .text(let text): number = text.hasPrefix("n") ? UInt32(text.dropFirst()) : nil
    case .number(let value): number = UInt32(exactly: value)
    case .fraction, .truth, .list: number = nil
    }
    guard let number, number > 0 else {
      throw SettingMistake(self, isNo: "name of a node", "write a number from 1, as 3, or \"n3\"")
    }
    return NodeID(number)
  }

  /// What a node does.
  func readRoles() throws(SettingMistake) -> Set<NodeRole> {
    let known = NodeRole.allCases.map(\.rawValue)
    let names: [String]
    switch self {
    case .word(let text): names = text.split(separator: ",").map { $0.trimmed }
    case .list(let list): names = list
    case .text, .number, .fraction, .truth:
      throw SettingMistake(self, isNo: "list of roles", "write it as [\"unit\", \"monitor\"]")
    }
    var roles: Set<NodeRole> = []
    for name in names {
      guard let role = NodeRole(rawValue: name) else {
        let advice =
          name == "acceptor"
          ? "every unit can be an acceptor, and the layout names those that are: write unit"
          : "there are \(known.joined(separator: ", "))"
        throw SettingMistake(.text(name), isNo: "role", advice)
      }
      roles.insert(role)
    }
    return roles
  }

  /// How much is logged.
  func readLevel() throws(SettingMistake) -> Logger.Level {
    let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
    let text = try readText("log level", "there are \(known)")
    guard let level = Logger.Level(rawValue: text) else {
      throw SettingMistake(self, isNo: "log level", "there are \(known)")
    }
    return level
  }
}

extension Substring {
  /// Without spaces at its ends.
  fileprivate var trimmed: String {
    var rest = self
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
