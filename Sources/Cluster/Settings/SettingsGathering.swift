/// Settings as they are put together from their sources, and the mistakes on the way.
struct SettingsGathering {
  /// The mistakes so far, a line for each.
  private(set) var mistakes: [String] = []
  private var sources: [SettingsSource] = []
  /// What mistakes were found in: see ``group(of:)``.
  private var mistaken: Set<String> = []

  // MARK: - Sources, the one that counts most first

  /// Adds what the command line says.
  mutating func add(flags: [String: String]) {
    let values = flags.mapValues { SettingValue.word($0) }
    sources.append(SettingsSource(values, isTyped: false, origin: "command line"))
    mistakes += flags.keys.sorted().compactMap { objection(to: $0, in: "command line") }
  }

  /// Adds what variables say.
  mutating func add(variables: [String: String]) {
    sources.append(SettingsSource(variables: variables))
    mistakes += variables.keys.sorted().compactMap(objection(toVariable:))
  }

  /// Adds what a file says.
  mutating func add(_ file: SettingsFile) {
    sources.append(
      SettingsSource(file.values, isTyped: true, origin: file.path, folder: file.folder)
    )
    mistakes += file.values.keys.sorted().compactMap { objection(to: $0, in: file.path) }
  }

  // MARK: - Settings

  /// The settings, if all is there that must be; whether they can be is told by ``mistakes``.
  mutating func settings() -> NodeSettings? {
    var draft = SettingsDraft()
    for key in SettingKey.all {
      guard let finding = sources.lazy.compactMap({ $0.find(key) }).first else {
        if key.isRequired { note("\(key.name): this must be given. \(key.about)", of: key) }
        continue
      }
      do throws(SettingMistake) {
        try key.take(finding.value, &draft)
      } catch {
        note("\(key.name) (\(finding.origin)): \(error.text)", of: key)
      }
    }
    let found = draft.objections + (draft.settings?.objections ?? [])
    // What is said of one setting may come of a mistake in another.
    mistakes += found.filter { !mistaken.contains(Self.group(of: $0)) }
    return draft.settings
  }

  private mutating func note(_ mistake: String, of key: SettingKey) {
    mistakes.append(mistake)
    mistaken.insert(Self.group(of: key.name))
  }

  /// The settings that are looked at together, by the name at the beginning of a text.
  private static func group(of text: String) -> String {
    let first = String(text.prefix { $0 != "." && $0 != ":" })
    return ["listen", "advertise", "admin", "adminOpen", "insecure", "tls"].contains(first)
      ? "doors" : first
  }

  // MARK: - What is no setting

  private func objection(to name: String, in origin: String) -> String? {
    let names = SettingsReader.names
    if names.contains(name) { return nil }
    let parts = names.filter { $0.hasPrefix(name + ".") }
    if !parts.isEmpty {
      return "\(name) (\(origin)): this is not one setting: there are "
        + parts.joined(separator: ", ")
    }
    if let whole = names.first(where: { name.hasPrefix($0 + ".") }) {
      return "\(name) (\(origin)): there is no such setting: '\(whole)' has no parts"
    }
    let advice = NearestName.of(name, among: names).map { ": did you mean '\($0)'?" } ?? ""
    return "\(name) (\(origin)): there is no such setting\(advice)"
  }

  /// Objects to a variable that is nearly one of ours.
  ///
  /// Others that begin alike may be somebody else's: containers are given variables by the names of
  /// services.
  private func objection(toVariable name: String) -> String? {
    let known = SettingKey.all.map(\.variable)
    guard name.hasPrefix("CORFU_"), !known.contains(name),
      let meant = NearestName.of(name, among: known)
    else { return nil }
    return "\(name): there is no such variable: did you mean '\(meant)'?"
  }
}
