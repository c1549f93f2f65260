internal import Foundation

/// Programs that a shell would find.
enum ProgramSearch {
  /// Where a program is; `nil` if it is not installed.
  static func path(of name: String) -> String? {
    path(of: name, in: ProcessInfo.processInfo.environment["PATH"] ?? "") {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// The first of some folders, with colons between them, that has a program.
  static func path(of name: String, in folders: String, isProgram: (String) -> Bool) -> String? {
    folders.split(separator: ":").map { "\($0)/\(name)" }.first(where: isProgram)
  }
}
