import CorfuGlobalLog

/// What was decided by hand against the rules, in a cluster's folder: a line each, for good (R24).
///
/// A layout says what was lost by it; this says who was given up for that, and when.
struct OverrideRecord {
  /// The file's name, in the folder above the nodes'.
  static let fileName = "overrides"

  /// More than anybody decides by hand.
  private static let bytesMax = 1 << 20

  private let folder: any Device

  init(in folder: any Device) {
    self.folder = folder
  }

  /// The lines, the oldest first.
  func lines() throws(DeviceError) -> [String] {
    let text: String
    do throws(DeviceError) {
      guard try folder.list().contains(Self.fileName) else { return [] }
      text = try Self.text(in: folder)
    } catch .notFound {
      return []
    }
    return text.split(separator: "\n").map(String.init)
  }

  private static func text(in folder: some Device) throws(DeviceError) -> String {
    let file = try folder.open(fileName)
    let size = try file.size()
    guard size <= bytesMax else {
      throw .failed("the file '\(fileName)' is too large to be one of ours: move it away")
    }
    let text = String(decoding: try file.read(at: 0, count: size), as: UTF8.self)
    // Whoever wrote what: a terminal is not to obey it.
    return String(
      text.map { character in
        character == "\n"
          || character.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
          ? character : "\u{fffd}"
      }
    )
  }

  /// Adds a line; durable on return.
  ///
  /// It is there before what it tells of: whoever is cut short leaves a line too many rather than
  /// one too few.
  func add(_ line: String) async throws(DeviceError) {
    let text = (try lines() + [line]).map { $0 + "\n" }.joined()
    try await folder.replace(Self.fileName, with: Array(text.utf8))
  }
}
