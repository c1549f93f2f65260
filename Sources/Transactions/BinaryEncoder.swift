/// Lets a type's `encode(to:)` write: what it says in any order becomes items in theirs.
///
/// What is encoded is gathered in a desk, piece by piece, because the keys of a map are known, and
/// can be sorted, only at the end.
struct BinaryEncoder: Encoder {
  fileprivate let desk: EncodingDesk
  fileprivate let draft: Draft

  /// Appends the item of a value.
  static func encode(_ value: some Encodable, into writer: inout BinaryWriter)
    throws(BinaryCodingError)
  {
    let desk = EncodingDesk()
    let draft = Draft(depth: writer.depth)
    do { try value.encode(to: BinaryEncoder(desk: desk, draft: draft)) } catch {
      throw BinaryCodingError(error)
    }
    if let failure = desk.failure { throw failure }
    desk.append(draft, to: &writer)
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    desk.begin(draft, as: .map)
    return KeyedEncodingContainer(KeyedWriting(desk: desk, draft: draft))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    desk.begin(draft, as: .array)
    return UnkeyedWriting(desk: desk, draft: draft)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleWriting(desk: desk, draft: draft)
  }
}

/// A value in the making.
private final class Draft {
  enum Form { case nothing, item, array, map }

  struct Part {
    /// Where on the desk the key is written; empty in an array.
    let key: Range<Int>
    let value: Value
  }

  enum Value {
    case item(Range<Int>)
    case draft(Draft)
  }

  /// How deep the value stands in others.
  let depth: Int
  var form = Form.nothing
  var item = 0..<0
  var parts: [Part] = []

  init(depth: Int) {
    self.depth = depth
  }
}

/// Where the drafts of one value lie: all that is written of them, in the order of writing.
private final class EncodingDesk {
  private var writer = BinaryWriter()
  private(set) var failure: BinaryCodingError?

  func begin(_ draft: Draft, as form: Draft.Form) {
    if draft.form == .nothing { draft.form = form }
    if draft.form != form { failure = .refused("a value asked for two kinds of containers") }
  }

  func write(key: any CodingKey) -> Range<Int> {
    let start = writer.bytes.count
    writer.write(key: key)
    return start..<writer.bytes.count
  }

  func value<Value: Encodable>(
    of value: Value,
    in draft: Draft,
    isOptional: Bool = false
  ) throws -> Draft.Value {
    let start = writer.bytes.count
    if isOptional {
      writer.depth = draft.depth
      try writer.write(optional: value)
      return .item(start..<writer.bytes.count)
    }
    guard let direct = value as? any BinaryCodable else {
      let child = child(of: draft)
      if let failure { throw failure }
      try value.encode(to: BinaryEncoder(desk: self, draft: child))
      return .draft(child)
    }
    writer.depth = draft.depth + 1
    guard writer.depth <= BinaryCoder.depthMax else { throw BinaryCodingError.tooDeep }
    try direct.write(to: &writer)
    return .item(start..<writer.bytes.count)
  }

  /// A value in the container of another.
  func child(of draft: Draft) -> Draft {
    let child = Draft(depth: draft.depth + 1)
    // Asking for a container cannot throw; it shows in the end.
    if child.depth > BinaryCoder.depthMax { failure = .tooDeep }
    return child
  }

  func nothing() -> Draft.Value {
    let start = writer.bytes.count
    writer.writeNothing()
    return .item(start..<start + 1)
  }

  func append(_ draft: Draft, to target: inout BinaryWriter) {
    switch draft.form {
    // A type without fields asks for no container.
    case .nothing: target.beginMap(count: 0)
    case .item: target.append(items: writer.bytes[draft.item])
    case .array: target.beginArray(count: draft.parts.count)
    case .map:
      draft.parts = sorted(draft.parts)
      target.beginMap(count: draft.parts.count)
    }
    for part in draft.parts {
      target.append(items: writer.bytes[part.key])
      switch part.value {
      case .item(let range): target.append(items: writer.bytes[range])
      case .draft(let draft): append(draft, to: &target)
      }
    }
  }

  /// The parts of a map in the order of their keys; what was said last of a key counts.
  private func sorted(_ parts: [Draft.Part]) -> [Draft.Part] {
    guard parts.count > 1 else { return parts }
    let order = parts.indices.sorted { left, right in
      let (one, other) = (writer.bytes[parts[left].key], writer.bytes[parts[right].key])
      return one.elementsEqual(other) ? left < right : one.lexicographicallyPrecedes(other)
    }
    var sorted: [Draft.Part] = []
    for index in order {
      let part = parts[index]
      let isAgain = sorted.last.map {
        writer.bytes[$0.key].elementsEqual(writer.bytes[part.key])
      }
      if isAgain == true { sorted.removeLast() }
      sorted.append(part)
    }
    return sorted
  }
}

extension BinaryWriter {
  /// Writes the name of a field, or its number if it has one.
  mutating func write(key: any CodingKey) {
    if let number = key.intValue { write(Int64(number)) } else { write(key.stringValue) }
  }
}

private struct KeyedWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let desk: EncodingDesk
  let draft: Draft

  var codingPath: [any CodingKey] { [] }

  private func append(_ key: any CodingKey, _ value: () throws -> Draft.Value) rethrows {
    let key = desk.write(key: key)
    draft.parts.append(Draft.Part(key: key, value: try value()))
  }

  private func child(_ key: any CodingKey) -> Draft {
    let child = desk.child(of: draft)
    append(key) { .draft(child) }
    return child
  }

  func encodeNil(forKey key: Key) throws {
    append(key) { desk.nothing() }
  }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try append(key) { try desk.value(of: value, in: draft) }
  }

  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    // As an optional, and not what is in it: that may be nothing, too.
    if let value { try append(key) { try desk.value(of: value, in: draft, isOptional: true) } }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    BinaryEncoder(desk: desk, draft: child(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    BinaryEncoder(desk: desk, draft: child(key)).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    BinaryEncoder(desk: desk, draft: child(SuperKey()))
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    BinaryEncoder(desk: desk, draft: child(key))
  }
}

private struct UnkeyedWriting: UnkeyedEncodingContainer {
  let desk: EncodingDesk
  let draft: Draft

  var codingPath: [any CodingKey] { [] }
  var count: Int { draft.parts.count }

  private func append(_ value: Draft.Value) {
    draft.parts.append(Draft.Part(key: 0..<0, value: value))
  }

  private func child() -> Draft {
    let child = desk.child(of: draft)
    append(.draft(child))
    return child
  }

  func encodeNil() throws {
    append(desk.nothing())
  }

  func encode<Value: Encodable>(_ value: Value) throws {
    append(try desk.value(of: value, in: draft))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    BinaryEncoder(desk: desk, draft: child()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    BinaryEncoder(desk: desk, draft: child()).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    BinaryEncoder(desk: desk, draft: child())
  }
}

private struct SingleWriting: SingleValueEncodingContainer {
  let desk: EncodingDesk
  let draft: Draft

  var codingPath: [any CodingKey] { [] }

  private func set(_ value: Draft.Value) {
    switch value {
    case .item(let range):
      desk.begin(draft, as: .item)
      draft.item = range
    case .draft(let other):
      desk.begin(draft, as: other.form)
      draft.item = other.item
      draft.parts = other.parts
    }
  }

  func encodeNil() throws {
    set(desk.nothing())
  }

  func encode<Value: Encodable>(_ value: Value) throws {
    set(try desk.value(of: value, in: draft))
  }
}

/// The key under which a superclass writes.
struct SuperKey: CodingKey {
  let stringValue = "super"
  let intValue: Int? = nil

  init() {}

  init?(stringValue: String) {
    guard stringValue == "super" else { return nil }
  }

  init?(intValue: Int) { nil }
}
