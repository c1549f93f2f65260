import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions

/// A session of chapter 7: a program with objects of its own, and at most one transaction.
final class PromptedProgram<Log: StreamingLog>: Sendable {
  /// A transaction under way.
  struct Open: Sendable {
    let transaction: Transaction<Log>
    /// What it read: which key of which object, and where that was written.
    var reads: [Read] = []
    /// What it is going to write, in words.
    var writes: [String] = []

    /// What it read, in words.
    var shownReads: String {
      reads.isEmpty ? "nothing" : reads.map(\.description).joined(separator: ", ")
    }
  }

  /// Something that a transaction has read.
  struct Read: Hashable, Sendable, CustomStringConvertible {
    let object: String
    /// The key; `nil` for all of the object.
    let key: LogKey?
    /// Where it was written last; `nil` if all of the object was read.
    let version: LastWrite?

    var description: String {
      key.map { "\(Self.word($0, version ?? .nowhere)) of \(object)" } ?? "all of \(object)"
    }

    /// A key and where it was written: `A@3`; `A@<33` if that was before 33, where all is trimmed.
    static func word(_ key: LogKey, _ version: LastWrite) -> String {
      let place =
        switch version {
        case .at(let position): "\(position)"
        case .nowhere: "never"
        case .forgotten(let mark): "<\(mark)"
        }
      return ObjectTold.word(key) + "@" + place
    }
  }

  let runtime: Runtime<Log>
  let open = Guarded<Open?>(nil)
  /// When it writes checkpoints by itself; `nil` for never.
  let policy = Guarded<CheckpointPolicy?>(nil)
  private let names = Guarded<[StreamID: String]>([StreamID(0): "the directory"])

  init(_ runtime: Runtime<Log>) {
    self.runtime = runtime
  }

  /// What the directory has under a name; it is asked for again only where nothing was known.
  func item(_ name: String) async throws(ObjectError) -> Directory.Item? {
    let directory = try await runtime.directory()
    if let item = try directory.peek({ $0[name] }) { return item }
    return try await directory.read { $0[name] }
  }

  /// Under which names people know the streams that were used here.
  var streamNames: [StreamID: String] { names.value }

  /// Opens an object, and makes it if it is new.
  func object<State: ReplicatedState>(
    _ name: String,
    of type: State.Type
  ) async throws(ObjectError) -> ReplicatedObject<Log, State> {
    let object = try await runtime.object(name, of: type)
    names.update { $0[object.stream] = name }
    return object
  }

  /// Opens a stream, and makes it if it is new.
  func stream(_ name: String) async throws(ObjectError) -> LogStream<Log> {
    let stream = try await runtime.stream(name)
    names.update { $0[stream.stream] = name }
    return stream
  }

  /// Notes what a transaction has read.
  func note(_ read: Read) {
    open.update { open in
      if open?.reads.contains(read) == false { open?.reads.append(read) }
    }
  }

  /// Notes what a transaction is going to write.
  func note(write words: String) {
    open.update { $0?.writes.append(words) }
  }
}
