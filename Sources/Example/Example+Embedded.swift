import Corfu

// A program that has its cluster with it.

extension Example {
  /// One that needs nobody else: what it keeps is in a folder, and there the next time.
  static func embed(in folder: String) async throws {
    try await withEmbeddedLog(in: folder) { embedded in
      let position = try await embedded.log.append(Array("hello".utf8))
      print("'hello' stands at \(position), in the folder \(folder)")
      let visits = try await embedded.runtime().object("visits", of: CounterState.self)
      try await visits.update(.add(1))
      print("this is visit \(try await visits.read { $0.value })")
    }
  }
}
