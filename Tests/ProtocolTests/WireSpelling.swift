import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror

/// Spells values as the tables of a document say, and knows nothing else of the protocol.
///
/// It looks at a value's fields by their names, so a table whose fields stand in another order, or
/// have other names or types than those of the code, gives other bytes or is refused.
struct WireSpelling {
  /// Why a table and a value do not go together.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
  }

  /// Some bytes, and what they are.
  struct Piece: Equatable {
    let bytes: [UInt8]
    let label: String
  }

  private let document: WireDocument
  /// What was spelled, in order.
  private(set) var pieces: [Piece] = []
  /// The rows of the tables that were needed for it.
  private(set) var seen: Set<String> = []

  /// Nothing yet.
  init(by document: WireDocument) {
    self.document = document
  }

  /// All bytes.
  var bytes: [UInt8] { pieces.flatMap(\.bytes) }

  /// Spells the body of a frame.
  mutating func spell(_ message: Message) throws {
    switch message {
    case .request(let request): try spell(request, as: "request", at: "")
    case .reply(let reply): try spell(reply, as: "reply", at: "")
    case .hello, .welcome, .rejected:
      let choice = try choice(of: message, as: "greeting")
      try spell(fields: choice.fields, ofChoice: message, at: "")
    }
  }

  // MARK: - Values

  private mutating func spell(_ value: Any, as type: String, at path: String) throws {
    if let element = type.behind("list of ") ?? type.behind("set of ") {
      let elements = try elements(of: value, at: path)
      put(UInt32(elements.count), "count of \(path)")
      for (index, one) in elements.enumerated() {
        try spell(one, as: element, at: "\(path)[\(index)]")
      }
    } else if let wrapped = type.behind("perhaps ") {
      let mirror = Mirror(reflecting: value)
      guard mirror.displayStyle == .optional else { throw mismatch(value, type, path) }
      let there = mirror.children.first?.value
      pieces.append(
        there == nil
          ? Piece(bytes: [0], label: "\(path): none") : Piece(bytes: [1], label: "\(path): one")
      )
      if let there { try spell(there, as: wrapped, at: path) }
    } else if let record = document.records[type] {
      try expect(value, toBe: record.code, at: path)
      seen.insert(type)
      try spell(fields: record.fields, of: value, at: path, isAlone: record.fields.count == 1)
    } else if document.choices[type] != nil {
      let choice = try choice(of: value, as: type)
      let name = path.isEmpty ? choice.name : "\(path): \(choice.name)"
      pieces.append(Piece(bytes: [choice.number], label: name))
      try spell(fields: choice.fields, ofChoice: value, at: path)
    } else {
      try spell(plain: value, as: type, at: path)
    }
  }

  /// Numbers, bytes and text.
  private mutating func spell(plain value: Any, as type: String, at path: String) throws {
    switch (type, value) {
    case ("u8", let number as any BinaryInteger): put(UInt8(clamping: number), path)
    case ("u16", let number as UInt16): put(number, path)
    case ("u32", let number as UInt32): put(number, path)
    case ("u64", let number as UInt64): put(number, path)
    case ("i64", let number as Int): put(Int64(number), path)
    case ("bool", let isSo as Bool):
      pieces.append(Piece(bytes: [isSo ? 1 : 0], label: "\(path): \(isSo)"))
    case ("bytes", let bytes as [UInt8]):
      put(UInt32(bytes.count), "length of \(path)")
      pieces.append(Piece(bytes: bytes, label: path))
    case ("text", let text as String):
      put(UInt32(text.utf8.count), "length of \(path)")
      pieces.append(Piece(bytes: Array(text.utf8), label: "\(path): \(text)"))
    case ("layout", let layout as Layout):
      let bytes = layout.encoded()
      put(UInt32(bytes.count), "length of \(path)")
      pieces.append(Piece(bytes: bytes, label: path))
    default: throw mismatch(value, type, path)
    }
  }

  private mutating func put(_ number: some FixedWidthInteger, _ path: String) {
    let bytes = withUnsafeBytes(of: number.littleEndian) { Array($0) }
    pieces.append(Piece(bytes: bytes, label: "\(path): \(number)"))
  }

  // MARK: - Fields

  private mutating func spell(
    fields: [WireDocument.Field],
    of value: Any,
    at path: String,
    isAlone: Bool = false
  ) throws {
    let members = members(of: value)
    guard fields.count == members.count else {
      let (names, listed) = (members.map(\.name), fields.compactMap(\.name))
      throw Mismatch(description: "'\(path)' has \(names), and the table \(listed)")
    }
    for field in fields {
      guard let name = field.name, let member = members.first(where: { $0.name == name }) else {
        throw mismatch(value, "\(field)", path)
      }
      let below = path.isEmpty ? name : "\(path).\(name)"
      try spell(member.value, as: field.type, at: isAlone && !path.isEmpty ? path : below)
    }
  }

  /// Spells what one of several tells.
  private mutating func spell(
    fields: [WireDocument.Field],
    ofChoice value: Any,
    at path: String
  ) throws {
    guard let told = Mirror(reflecting: value).children.first?.value else {
      if !fields.isEmpty { throw mismatch(value, "\(fields)", path) }
      return
    }
    let mirror = Mirror(reflecting: told)
    if mirror.displayStyle == .tuple {
      let members = Array(mirror.children)
      guard members.count == fields.count else { throw mismatch(told, "\(fields)", path) }
      for (field, member) in zip(fields, members) {
        // What has no name in the code is called ".0".
        let name = member.label.flatMap { $0.hasPrefix(".") ? nil : $0 }
        guard field.name == name else { throw mismatch(told, "\(field)", path) }
        let below = [path, name ?? field.type].filter { !$0.isEmpty }.joined(separator: ".")
        try spell(member.value, as: field.type, at: below)
      }
    } else if fields.count == 1, fields[0].name == nil {
      let type = fields[0].type
      let element = type.behind("list of ") ?? type.behind("perhaps ") ?? type
      try spell(told, as: type, at: path.isEmpty ? element : path)
    } else {
      try spell(fields: fields, of: told, at: path)
    }
  }

  private mutating func choice(
    of value: Any,
    as type: String
  ) throws -> WireDocument.Choice {
    let name = caseName(of: value)
    let choice = document.choices[type]?.first { $0.name == name }
    guard let choice else { throw mismatch(value, type, name) }
    try expect(value, toBe: choice.code, at: name)
    seen.insert("\(type): \(name)")
    return choice
  }

  private func expect(_ value: Any, toBe code: String, at path: String) throws {
    let name = "\(Swift.type(of: value))".prefix { $0 != "<" }
    guard name == code else { throw mismatch(value, code, path) }
  }

  private func mismatch(_ value: Any, _ type: String, _ path: String) -> Mismatch {
    Mismatch(description: "'\(path)' is no \(type) but \(value), a \(Swift.type(of: value))")
  }
}

// MARK: - Looking at values

/// A member of a membership, which keeps them in a dictionary.
private struct Member {
  let node: NodeID
  let address: NodeAddress
}

/// The elements of a list, in order.
private func elements(of value: Any, at path: String) throws -> [Any] {
  switch value {
  case let nodes as Set<NodeID>: return nodes.sorted()
  case let units as Set<UnitName>: return units.sorted()
  case let members as [NodeID: NodeAddress]:
    return members.sorted { $0.key < $1.key }.map { Member(node: $0.key, address: $0.value) }
  default:
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .collection else {
      throw WireSpelling.Mismatch(description: "'\(path)' is no list but \(value)")
    }
    return mirror.children.map(\.value)
  }
}

/// The fields of a value, by their names in the code.
private func members(of value: Any) -> [(name: String, value: Any)] {
  // It keeps them in another form.
  if let end = value as? StreamEnd {
    return [("stream", end.stream), ("positions", end.positions as Any)]
  }
  return Mirror(reflecting: value).children.compactMap { child in
    child.label.map { ($0, child.value) }
  }
}

/// The name of a value's case in the code.
private func caseName(of value: Any) -> String {
  if let label = Mirror(reflecting: value).children.first?.label { return label }
  // Of those without anything to tell, some describe themselves in words.
  if let value = value as? any Hashable, let name = bareNames[AnyHashable(value)] { return name }
  return "\(value)"
}

private var bareNames: [AnyHashable: String] {
  [
    LogError.outOfSpace: "outOfSpace", LogError.noQuorum: "noQuorum", LogError.closed: "closed",
    DeviceError.outOfSpace: "outOfSpace", DeviceError.stopped: "stopped",
    DeviceError.powerOff: "powerOff",
    SequencerRefusal.notInstalled: "notInstalled",
    SequencerRefusal.positionsUsedUp: "positionsUsedUp",
    Refusal.noSuchRole: "noSuchRole", Refusal.notAllowed: "notAllowed",
    Refusal.tooLarge: "tooLarge", Refusal.notAdmitted: "notAdmitted",
    Rejection.notAllowed: "notAllowed", Rejection.tooManyConnections: "tooManyConnections",
    Rejection.ending: "ending",
  ]
}

extension String {
  /// What comes behind a beginning, if it begins so.
  fileprivate func behind(_ beginning: String) -> String? {
    hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
  }
}
