public import CorfuGlobalLog

/// Looks at a unit's files without opening its log: also at those that are damaged.
public protocol UnitInspector: Sendable {
  /// Reads and checks every file, telling before each how many are done.
  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport

  /// Hands out every record, file by file, in the order in which they stand.
  func dump(_ body: (DumpedRecord) throws(ReplError) -> Void) async throws(ReplError)
}

/// Hears how far a check of all files is: how many are done, and of how many.
public typealias OnFile = (_ done: Int, _ whole: Int) throws(ReplError) -> Void

/// What a check of all files found.
public struct VerifyReport: Hashable, Sendable {
  /// One file of a unit.
  public struct File: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// How many records it holds.
    public let records: Int
    /// Its size, or how much of it is in use.
    public let bytes: Int
    /// How many of the bytes are records of positions that are not trimmed; `nil` where nobody
    /// counted.
    public let liveBytes: Int?
    /// How many of the bytes are of a write that is not finished, which opening cuts off; `nil`
    /// where nobody looked for any.
    public let tornBytes: Int?
    /// What it is: "open", "sealed", "identity".
    public let state: String
    /// What is wrong with it, a line each; nothing if it is sound.
    public let damage: [String]

    /// What was found out about a file.
    public init(
      name: String,
      records: Int,
      bytes: Int,
      liveBytes: Int? = nil,
      tornBytes: Int? = nil,
      state: String,
      damage: [String] = []
    ) {
      self.name = name
      self.liveBytes = liveBytes
      self.tornBytes = tornBytes
      self.records = records
      self.bytes = bytes
      self.state = state
      self.damage = damage
    }
  }

  /// Something that is wrong with a unit as a whole, and with none of its files.
  public struct Flaw: Hashable, Sendable {
    /// What is wrong, in some words.
    public let what: String
    /// What it means, and what to do.
    public let advice: String

    /// A flaw.
    public init(_ what: String, advice: String) {
      self.what = what
      self.advice = advice
    }
  }

  /// The files, in the order of their names.
  public private(set) var files: [File]
  /// What is wrong besides.
  public private(set) var flaws: [Flaw]

  /// Whether nothing is wrong.
  public var isSound: Bool { flaws.isEmpty && files.allSatisfy(\.damage.isEmpty) }

  /// What was found out.
  public init(files: [File], flaws: [Flaw] = []) {
    self.files = files
    self.flaws = flaws
  }

  /// The same of one unit of several, and named after it.
  func named(_ unit: String) -> VerifyReport {
    VerifyReport(
      files: files.map { file in
        File(
          name: "\(unit)/\(file.name)",
          records: file.records,
          bytes: file.bytes,
          liveBytes: file.liveBytes,
          tornBytes: file.tornBytes,
          state: file.state,
          damage: file.damage
        )
      },
      flaws: flaws.map { Flaw("\(unit): \($0.what)", advice: $0.advice) }
    )
  }

  /// Takes in what was found out of another unit.
  mutating func add(_ other: VerifyReport) {
    files += other.files
    flaws += other.flaws
  }

  /// Fails if anything is wrong, which has been shown.
  func check() throws(ReplError) {
    if isSound { return }
    throw .damaged(files: files.count { !$0.damage.isEmpty }, flaws: flaws.map(\.what))
  }
}

/// A record of a unit's file, for people who look into it.
public struct DumpedRecord: Hashable, Sendable {
  /// The file it stands in.
  public let file: String
  /// Where in the file it begins, in bytes.
  public let offset: Int
  /// How many bytes it takes, header included.
  public let bytes: Int
  /// The position it is about.
  public let position: Position
  /// The epoch in which it was written.
  public let epoch: Epoch
  /// What it says stands at its position; nil if it is damaged.
  public let slot: Slot?
  /// The positions that it says may be forgotten, where it names them as ranges.
  public let trims: [Range<Position>]

  /// A record.
  public init(
    file: String,
    offset: Int,
    bytes: Int,
    position: Position,
    epoch: Epoch,
    slot: Slot?,
    trims: [Range<Position>] = []
  ) {
    self.file = file
    self.offset = offset
    self.bytes = bytes
    self.position = position
    self.epoch = epoch
    self.slot = slot
    self.trims = trims
  }
}
