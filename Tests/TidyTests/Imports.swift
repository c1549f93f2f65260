/// Who may import whom: by folder, the folders right below it.
///
/// What those may import, it may too. An import that is not reached from a folder's row points up.
let modulesBelow: [String: [String]] = [
  "CPlatform": [],
  "CReadline": [],
  "GlobalLog": ["CPlatform"],
  "Sequencer": ["GlobalLog"],
  "StripeMirror": ["Sequencer"],
  "CopyCompaction": ["GlobalLog"],
  "WriteOnce": ["Sequencer", "StripeMirror", "CopyCompaction"],
  "PaxosConfigurator": ["StripeMirror"],
  "Protocol": ["WriteOnce", "PaxosConfigurator"],
  "Node": ["Protocol"],
  "Client": ["Protocol"],
  "Transactions": ["Client"],
  "Simulation": ["Stages"],
  "Checks": ["Simulation", "Transactions"],
  "Stages": ["Client", "Node", "Transactions"],
  "Repl": ["CReadline", "Simulation", "Stages"],
  "Cluster": ["Node", "Transactions"],
  "Bench": ["Simulation", "Stages", "Cluster"],
  "Course": ["Checks", "Repl"],
  "Planted": ["Simulation"],
  "Example": ["Library"],
  "Library": ["Cluster", "Stages"],
  "Command": ["Bench", "Checks", "Course", "Cluster", "Repl"],
]

/// The folders at the edge, which may use Foundation and other packages.
let edge = ["Bench", "Cluster", "Command", "Course", "Example", "Planted"]

/// The chapter that a module belongs to; stages before it do not know it.
private let chapters = [
  "GlobalLog": 1, "Sequencer": 2, "StripeMirror": 3, "CopyCompaction": 4, "WriteOnce": 5,
  "Protocol": 5, "Node": 5, "Client": 5, "PaxosConfigurator": 6, "Transactions": 7, "Cluster": 8,
]

/// What comes with the system or the standard library.
private let systemModules = [
  "Swift", "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin", "Android", "Testing",
]

/// A line that imports a module.
struct Import: Equatable {
  let module: String
  let line: Int

  /// The folder whose module this is; `nil` for a module from elsewhere.
  var folder: String? {
    if module == "Corfu" { return "Library" }
    if modulesBelow[module]?.isEmpty == true { return module }
    return module.hasPrefix("Corfu") ? String(module.dropFirst("Corfu".count)) : nil
  }
}

/// The imports of a file.
func imports(of source: SwiftSource) -> [Import] {
  let kinds = ["class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
  return source.tokens.indices.filter { source.tokens[$0].text == "import" }.compactMap { index in
    let rest = source.tokens[(index + 1)...].prefix(2)
    return rest.first { !kinds.contains($0.text) }.map { Import(module: $0.text, line: $0.line) }
  }
}

/// The folder under `Sources` that a file belongs to.
func folder(of path: String) -> String? {
  let parts = path.split(separator: "/")
  return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
}

/// All folders that a folder may import.
func reach(of folder: String) -> Set<String> {
  var reached: Set<String> = []
  var next = modulesBelow[folder] ?? []
  while let name = next.popLast() {
    if reached.insert(name).inserted { next += modulesBelow[name] ?? [] }
  }
  return reached
}

/// Imports that point up or sideways.
func upwardImports(in source: SwiftSource) -> [Finding] {
  guard let home = folder(of: source.path) else { return [] }
  guard modulesBelow[home] != nil else {
    let message = "folder '\(home)' has no row in the table of modules in Imports.swift: add one"
    return [Finding(path: source.path, line: 1, message: message)]
  }
  let allowed = reach(of: home)
  return imports(of: source).compactMap { line in
    guard let folder = line.folder, !allowed.contains(folder) else { return nil }
    let message = "\(home) may not import \(line.module), which stands above or beside it"
    return Finding(path: source.path, line: line.line, message: message)
  }
}

/// Imports of other packages, Foundation among them, away from the edge.
func foreignImports(in source: SwiftSource) -> [Finding] {
  guard let home = folder(of: source.path), !edge.contains(home) else { return [] }
  return imports(of: source).compactMap { line in
    guard line.folder == nil, !systemModules.contains(line.module) else { return nil }
    let message =
      "only \(edge.joined(separator: ", ")) may import \(line.module): pass in what is needed of it"
    return Finding(path: source.path, line: line.line, message: message)
  }
}

/// Imports of later chapters' modules in the stages 1–4.
func earlyImports(in source: SwiftSource) -> [Finding] {
  let prefix = "Sources/Stages/Stage"
  guard
    source.path.hasPrefix(prefix), let digit = source.path.dropFirst(prefix.count).first,
    let stage = digit.wholeNumberValue, stage <= 4
  else { return [] }
  return imports(of: source).compactMap { line in
    guard let chapter = line.folder.flatMap({ chapters[$0] }), chapter > stage else { return nil }
    let message = "stage \(stage) may not know \(line.module), which chapter \(chapter) brings"
    return Finding(path: source.path, line: line.line, message: message)
  }
}
