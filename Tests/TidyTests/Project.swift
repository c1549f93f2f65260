import Foundation
import Testing

/// Something a rule objects to, and what to do about it.
struct Finding: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// The project's files, found from where this file stands.
enum Project {
  /// The package's folder.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The paths of all files below the root, sorted; hidden folders and what was built are left out.
  static let paths: [String] = {
    let prefix = root.path(percentEncoded: false)
    let walk = FileManager.default.enumerator(
      at: root,
      includingPropertiesForKeys: [.isRegularFileKey],
      options: [.skipsHiddenFiles]
    )
    var paths: [String] = []
    while let url = walk?.nextObject() as? URL {
      // A file that vanishes while we walk is no file of the project.
      let values = try? url.resourceValues(forKeys: [.isRegularFileKey])
      guard values?.isRegularFile == true else { continue }
      paths.append(String(url.path(percentEncoded: false).dropFirst(prefix.count)))
    }
    return paths.sorted()
  }()

  /// The Swift files of the package itself; the exercises are the learner's own affair.
  static let swift: [SwiftSource] = sources(of: { path in
    path == "Package.swift"
      || (path.hasPrefix("Sources/") || path.hasPrefix("Tests/")) && path.hasSuffix(".swift")
  }).map { SwiftSource(path: $0.path, text: $0.text) }

  /// The Markdown files.
  static let markdown: [MarkdownSource] = sources(of: { $0.hasSuffix(".md") })
    .map { MarkdownSource(path: $0.path, text: $0.text) }

  /// The files that are text.
  static func sources(of choose: (String) -> Bool) -> [(path: String, text: String)] {
    paths.filter(choose).compactMap { path in
      // A file that is not UTF-8 is no text, so there is nothing to read in it.
      let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
      return text.map { (path, $0) }
    }
  }

  /// Whether a file or folder exists.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
  }
}

/// Reports each finding as an issue of the running test.
///
/// Findings in the files named by `debts` are let pass; a debt that was paid is a warning.
func report(_ findings: [Finding], but debts: Set<String> = []) {
  for finding in findings where !debts.contains(finding.path) {
    Issue.record("\(finding)")
  }
  for debt in debts.subtracting(findings.map(\.path)).sorted() {
    Issue.record("\(debt) keeps the rule now: remove its row from the list", severity: .warning)
  }
}
