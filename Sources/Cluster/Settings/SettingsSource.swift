internal import Configuration

/// A place where settings come from.
struct SettingsSource {
  /// What finds values there.
  private let provider: any ConfigProvider
  /// Whether numbers, texts and lists are told apart there.
  private let isTyped: Bool
  /// Where that is, for people; `nil` if the name of each setting there says it.
  private let origin: String?
  /// Whence paths are seen there; `nil` for where the program runs.
  private let folder: String?
  /// What stands before the name of each setting.
  private let prefix: [String]

  /// Values by the names that settings have in a file; what is no setting is left out.
  init(
    _ values: [String: SettingValue],
    isTyped: Bool,
    origin: String,
    folder: String? = nil
  ) {
    let known = SettingKey.all.compactMap { key in
      values[key.name].map { (AbsoluteConfigKey(key.parts), $0.configValue) }
    }
    provider = InMemoryProvider(
      name: origin,
      values: Dictionary(uniqueKeysWithValues: known)
    )
    self.isTyped = isTyped
    self.origin = origin
    self.folder = folder
    prefix = []
  }

  /// Variables, `CORFU_…`.
  init(variables: [String: String]) {
    provider = EnvironmentVariablesProvider(environmentVariables: variables)
    isTyped = false
    origin = nil
    folder = nil
    prefix = SettingKey.variablePrefix
  }

  /// What was found.
  struct Finding {
    let value: SettingValue
    /// Where, for people.
    let origin: String
  }

  /// What stands there for a setting.
  func find(_ key: SettingKey) -> Finding? {
    let name = AbsoluteConfigKey(prefix + key.parts)
    for type in isTyped ? Self.types : [.string] {
      // What is there with another type is asked for next.
      guard let result = try? provider.value(forKey: name, type: type),
        let content = result.value?.content, var value = value(of: content)
      else { continue }
      if key.isPath, let folder { value = value.path(seenFrom: folder) }
      return Finding(value: value, origin: origin ?? result.encodedKey)
    }
    return nil
  }

  private static let types: [ConfigType] = [.string, .int, .bool, .double, .stringArray]

  private func value(of content: ConfigContent) -> SettingValue? {
    switch content {
    case .string(let text): isTyped ? .text(text) : .word(text)
    case .int(let number): .number(number)
    case .double(let number): .fraction(number)
    case .bool(let truth): .truth(truth)
    case .stringArray(let list): .list(list)
    case .bytes, .intArray, .doubleArray, .boolArray, .byteChunkArray: nil
    }
  }
}

extension SettingKey {
  /// What stands before the names of variables.
  fileprivate static var variablePrefix: [String] { ["corfu"] }

  /// The name of its variable.
  var variable: String {
    let provider = EnvironmentVariablesProvider(environmentVariables: [:])
    let name = AbsoluteConfigKey(Self.variablePrefix + parts)
    // Nothing is there that could have the wrong type.
    let result = try? provider.value(forKey: name, type: .string)
    return result?.encodedKey ?? self.name
  }
}

extension SettingValue {
  fileprivate var configValue: ConfigValue {
    let content: ConfigContent =
      switch self {
      case .word(let text), .text(let text): .string(text)
      case .number(let number): .int(number)
      case .fraction(let number): .double(number)
      case .truth(let truth): .bool(truth)
      case .list(let list): .stringArray(list)
      }
    return ConfigValue(content, isSecret: false)
  }

  /// A path, if it is one, seen from a folder.
  fileprivate func path(seenFrom folder: String) -> SettingValue {
    guard case .text(let path) = self, !path.isEmpty, !path.hasPrefix("/") else { return self }
    return .text(folder + "/" + path)
  }
}
