// Goal: with one import a program has a cluster of its own, whose log and objects are there next
// time, also after a disk was lost; a folder is for one program, and for nothing else.
// Method: clusters on real files, opened one after the other.
import Corfu
import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct EmbeddedLogTests {
  /// Hands a path to `body` where nothing stands, and removes what stands there then.
  private func withPath(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "corfu-embedded-\(UUID().uuidString)").path
    defer {
      // What was never made is not removed.
      try? FileManager.default.removeItem(atPath: path)
    }
    try await body(path)
  }

  private func text(_ slot: Slot) -> String? {
    guard case .data(let entry) = slot else { return nil }
    return String(decoding: entry.payload, as: UTF8.self)
  }

  @Test func whatWasAppendedIsThereTheNextTime() async throws {
    try await withPath { path in
      let first = try await withEmbeddedLog(in: path) { embedded in
        let position = try await embedded.log.append(Array("hello".utf8))
        let visits = try await embedded.runtime().object("visits", of: CounterState.self)
        try await visits.update(.add(1))
        return position
      }
      try await withEmbeddedLog(in: path) { embedded in
        #expect(text(try await embedded.log.read(first)) == "hello")
        let visits = try await embedded.runtime().object("visits", of: CounterState.self)
        try await visits.update(.add(1))
        #expect(try await visits.read { $0.value } == 2)
        #expect(try await embedded.log.tail() > first)
      }
    }
  }

  @Test func whatAProgramLeavesWithAnErrorIsThere() async throws {
    struct Off: Error {}
    try await withPath { path in
      await #expect(throws: Off.self) {
        try await withEmbeddedLog(in: path) { embedded in
          _ = try await embedded.log.append(Array("last words".utf8))
          throw Off()
        }
      }
      let last = try await withEmbeddedLog(in: path) { try await $0.log.read(.zero) }
      #expect(text(last) == "last words")
    }
  }

  @Test func aSpareTakesOverFromADiskThatIsGone() async throws {
    try await withPath { path in
      var settings = EmbeddedLog.Settings()
      settings.replicas = 2
      settings.spares = 1
      let words = (0..<20).map { "entry \($0)" }
      try await withEmbeddedLog(in: path, settings) { embedded in
        for word in words { _ = try await embedded.log.append(Array(word.utf8)) }
      }
      for lost in ["n1", "n2"] {
        try FileManager.default.removeItem(atPath: "\(path)/\(lost)")
        try await withEmbeddedLog(in: path, settings) { embedded in
          let position = try await embedded.log.append(Array("after \(lost)".utf8))
          #expect(text(try await embedded.log.read(position)) == "after \(lost)")
          for (index, word) in words.enumerated() {
            #expect(text(try await embedded.log.read(Position(UInt64(index)))) == word)
          }
          // The next one may be lost when another has a copy of everything.
          #expect(await embedded.settle(within: .seconds(60)))
        }
      }
    }
  }

  @Test func aFolderIsOneProgramsAndOneClusters() async throws {
    try await withPath { path in
      try await withEmbeddedLog(in: path) { _ in
        _ = await #expect(throws: EmbeddedLogError.folder(path, .inUse(path))) {
          try await withEmbeddedLog(in: path) { _ in }
        }
      }
      // The units' folders are somebody's, and a cluster is none of them.
      await #expect(throws: EmbeddedLogError.otherContent(path + "/n1")) {
        try await withEmbeddedLog(in: path + "/n1") { _ in }
      }
      let tail = try await withEmbeddedLog(in: path) { try await $0.log.tail() }
      #expect(tail == .zero)
    }
  }

  @Test func settingsThatCannotBeAreRefused() async throws {
    try await withPath { path in
      var none = EmbeddedLog.Settings()
      none.replicas = 0
      var large = EmbeddedLog.Settings()
      large.limits.payloadBytesMax = large.store.payloadBytesMax + 1
      for settings in [none, large] {
        await #expect(throws: EmbeddedLogError.self) {
          try await withEmbeddedLog(in: path, settings) { _ in }
        }
      }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
