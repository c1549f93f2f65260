internal import Foundation

/// A file of settings: JSON, whose nested objects are settings with points in their names.
///
/// Names that begin with `//` are remarks.
struct SettingsFile {
  /// Where it is.
  let path: String
  /// What stands there, by name.
  private(set) var values: [String: SettingValue] = [:]

  /// The folder that it is in.
  var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

  /// Reads a file.
  init(path: String) throws(SettingsError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw SettingsError(mistakes: ["\(path): there is no such file"])
    }
    if isFolder.boolValue {
      throw SettingsError(mistakes: ["\(path): this is a folder, not a file"])
    }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw SettingsError(mistakes: ["\(path): this file may not be read"])
    }
    try self.init(path: path, bytes)
  }

  /// Reads what stands in a file.
  init(path: String, _ bytes: Data) throws(SettingsError) {
    self.path = path
    let tree: [String: JSONTree]
    do {
      tree = try JSONDecoder().decode([String: JSONTree].self, from: bytes)
    } catch {
      throw SettingsError(mistakes: ["\(path): \(Self.words(of: error))"])
    }
    add(tree, below: "")
  }

  private mutating func add(_ tree: [String: JSONTree], below prefix: String) {
    // In order: of two names that are the same once joined, the last counts, on every machine.
    for (name, value) in tree.sorted(by: { $0.key < $1.key }) where !name.hasPrefix("//") {
      let full = prefix + name
      switch value {
      case .nothing: continue
      case .truth(let truth): values[full] = .truth(truth)
      case .number(let number): values[full] = .number(number)
      case .fraction(let number): values[full] = .fraction(number)
      case .text(let text): values[full] = .text(text)
      case .list(let list): values[full] = .list(list.map(\.shown))
      case .object(let members): add(members, below: full + ".")
      }
    }
  }

  private static func words(of error: any Error) -> String {
    guard case .dataCorrupted(let context)? = error as? DecodingError else {
      return "settings are an object: { \"cluster\": …, \"node\": … }"
    }
    let cause = context.underlyingError.map { ($0 as NSError).userInfo[NSDebugDescriptionErrorKey] }
    return "this is no JSON: \(cause.flatMap { $0 as? String } ?? context.debugDescription)"
  }
}

/// Any JSON.
private enum JSONTree: Decodable {
  case nothing
  case truth(Bool)
  case number(Int)
  case fraction(Double)
  case text(String)
  case list([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // What is not the one is tried as the next.
    if container.decodeNil() {
      self = .nothing
    } else if let truth = try? container.decode(Bool.self) {  // Or something else.
      self = .truth(truth)
    } else if let number = try? container.decode(Int.self) {  // Or something else.
      self = .number(number)
    } else if let number = try? container.decode(Double.self) {  // Or something else.
      self = .fraction(number)
    } else if let text = try? container.decode(String.self) {  // Or something else.
      self = .text(text)
    } else if let list = try? container.decode([JSONTree].self) {  // Or something else.
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  /// As an element of a list.
  var shown: String {
    switch self {
    case .nothing: "null"
    case .truth(let truth): "\(truth)"
    case .number(let number): "\(number)"
    case .fraction(let number): "\(number)"
    case .text(let text): text
    case .list: "[…]"
    case .object: "{…}"
    }
  }
}
