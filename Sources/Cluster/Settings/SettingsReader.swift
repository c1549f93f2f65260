/// Reads a node's settings from a file, from variables and from the command line.
///
/// What the command line says counts first, then variables (`CORFU_…`), then the file. All mistakes
/// are told, a line each. docs/settings.md has every setting.
public enum SettingsReader {
  /// Reads settings.
  ///
  /// - Parameters:
  ///   - file: A JSON file; paths in it are seen from its folder. `nil` for none.
  ///   - environment: Variables: `store.segmentSize` is `CORFU_STORE_SEGMENT_SIZE`.
  ///   - flags: What the command line says, by the names that settings have in a file.
  /// - Returns: Settings that can be.
  /// - Throws: ``SettingsError`` with all mistakes.
  public static func read(
    file: String?,
    environment: [String: String],
    flags: [String: String]
  ) async throws(SettingsError) -> NodeSettings {
    var gathering = SettingsGathering()
    gathering.add(flags: flags)
    gathering.add(variables: environment)
    if let file { gathering.add(try SettingsFile(path: file)) }
    let settings = gathering.settings()
    guard gathering.mistakes.isEmpty, let settings else {
      throw SettingsError(mistakes: gathering.mistakes)
    }
    return settings
  }

  /// Looks for mistakes, in the files that settings name, too.
  ///
  /// - Returns: A line for each; none if a node would start.
  public static func check(
    file: String?,
    environment: [String: String],
    flags: [String: String]
  ) async -> [String] {
    let settings: NodeSettings
    do throws(SettingsError) {
      settings = try await read(file: file, environment: environment, flags: flags)
    } catch {
      return error.mistakes
    }
    guard let files = settings.credentials else { return [] }
    do throws(CredentialsError) {
      _ = try Credentials(reading: files)
      return []
    } catch {
      return ["tls: \(error)"]
    }
  }

  /// Every setting, as rows of a table in Markdown: name, form, default, what it is for.
  public static var reference: [String] {
    SettingKey.all.map { "| `\($0.name)` | \($0.form) | \($0.preset) | \($0.about) |" }
  }

  /// The names of all settings, as they stand in a file.
  public static var names: [String] { SettingKey.all.map(\.name) }
}

/// What is wrong with settings.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The mistakes, a line for each.
  public let mistakes: [String]

  public var description: String { mistakes.joined(separator: "\n") }
}
