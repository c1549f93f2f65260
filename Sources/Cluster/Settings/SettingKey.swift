internal import CorfuProtocol

/// A setting: its name, what belongs there, and where it goes.
struct SettingKey: Sendable {
  typealias Path<Value> = any WritableKeyPath<SettingsDraft, Value> & Sendable
  typealias Take = @Sendable (SettingValue, inout SettingsDraft) throws(SettingMistake) -> Void

  /// As it stands in a file, its objects joined by points.
  let name: String
  /// What belongs there, in a word or two.
  let form: String
  /// What it is by default, as it would be written.
  let preset: String
  /// What it is for.
  let about: String
  /// Whether there is no default.
  var isRequired = false
  /// Whether it names a file, which a settings file says from its own folder.
  var isPath = false
  /// Reads a value and puts it where it goes.
  let take: Take

  /// The parts of its name.
  var parts: [String] { name.split(separator: ".").map(String.init) }
}

extension SettingKey {
  static func count(
    _ name: String,
    _ path: Path<Int>,
    _ range: ClosedRange<Int>,
    _ about: String
  ) -> SettingKey {
    let preset = "\(SettingsDraft()[keyPath: path])"
    return SettingKey(name: name, form: "number", preset: preset, about: about) {
      (value, draft) throws(SettingMistake) in
      draft[keyPath: path] = try value.readCount(in: range)
    }
  }

  static func size(
    _ name: String,
    _ path: Path<Int>,
    _ range: ClosedRange<Int>,
    _ about: String
  ) -> SettingKey {
    let preset = SettingUnits.text(size: SettingsDraft()[keyPath: path])
    return SettingKey(name: name, form: "size", preset: preset, about: about) {
      (value, draft) throws(SettingMistake) in
      draft[keyPath: path] = try value.readSize(in: range)
    }
  }

  static func duration(
    _ name: String,
    _ path: Path<Duration>,
    _ range: ClosedRange<Duration>,
    _ about: String
  ) -> SettingKey {
    let preset = SettingUnits.text(SettingsDraft()[keyPath: path])
    return SettingKey(name: name, form: "duration", preset: preset, about: about) {
      (value, draft) throws(SettingMistake) in
      draft[keyPath: path] = try value.readDuration(in: range)
    }
  }

  static func address(
    _ name: String,
    _ path: Path<NodeAddress?>,
    preset: String,
    isRequired: Bool = false,
    _ about: String
  ) -> SettingKey {
    SettingKey(
      name: name,
      form: "HOST:PORT",
      preset: preset,
      about: about,
      isRequired: isRequired
    ) { (value, draft) throws(SettingMistake) in
      draft[keyPath: path] = try value.readAddress()
    }
  }

  static func path(
    _ name: String,
    _ path: Path<String?>,
    preset: String,
    isRequired: Bool = false,
    _ about: String
  ) -> SettingKey {
    SettingKey(
      name: name,
      form: "path",
      preset: preset,
      about: about,
      isRequired: isRequired,
      isPath: true
    ) { (value, draft) throws(SettingMistake) in
      draft[keyPath: path] = try value.readText("path", "write one, as \"data\"")
    }
  }
}
