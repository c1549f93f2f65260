/// What the disk does without us, measured straight on the system's calls.
struct DiskBaselines: Sendable {
  let folder: BenchFolder
  let clock = ContinuousClock()

  static let blockBytes = 4096
  static let streamBytes = 1 << 20

  /// Overwrites 4 KiB that were written before, and syncs: again and again, each in its turn.
  func overwriteAndSync(for duration: Duration) throws -> Measurement {
    let path = folder.path(of: "overwrite")
    let file = try RawFile(path)
    // Real bytes first, so that the loop allocates nothing.
    let area = 16 << 20
    let stream = [UInt8](repeating: 1, count: Self.streamBytes)
    for offset in stride(from: 0, to: area, by: stream.count) {
      try file.write(stream.span.bytes, at: offset)
    }
    try file.sync()
    let measurement = try syncLoop(file, for: duration) { $0 * Self.blockBytes % area }
    try RawFile.remove(path)
    return measurement
  }

  /// Overwrites a few bytes of a small file, at two places in turn, and syncs: what it costs at
  /// least to remember one thing.
  func rewriteAndSync(for duration: Duration) throws -> Measurement {
    let path = folder.path(of: "small")
    let file = try RawFile(path)
    let blocks = [UInt8](repeating: 1, count: 4 * Self.blockBytes)
    try file.write(blocks.span.bytes, at: 0)
    try file.sync()
    let measurement = try syncLoop(file, bytes: 64, for: duration) { $0 % 2 * Self.blockBytes }
    try RawFile.remove(path)
    return measurement
  }

  /// Appends 4 KiB to a file, and syncs: again and again.
  func growAndSync(for duration: Duration) throws -> Measurement {
    let path = folder.path(of: "grow")
    let measurement = try syncLoop(try RawFile(path), for: duration) { $0 * Self.blockBytes }
    try RawFile.remove(path)
    return measurement
  }

  private func syncLoop(
    _ file: RawFile,
    bytes: Int = Self.blockBytes,
    for duration: Duration,
    offset: (Int) -> Int
  ) throws -> Measurement {
    let block = [UInt8](repeating: 2, count: bytes)
    var latencies = Latencies()
    var operations = 0
    let begin = clock.now
    var last = begin
    while begin.duration(to: last) < duration {
      try file.write(block.span.bytes, at: offset(operations))
      try file.sync()
      let now = clock.now
      latencies.record(last.duration(to: now))
      last = now
      operations += 1
    }
    return Measurement(
      operations: operations,
      bytes: operations * block.count,
      duration: begin.duration(to: last),
      latencies: latencies
    )
  }

  /// Writes fresh files of `fileBytes` in pieces of 1 MiB, with one sync at the end of each.
  ///
  /// All of them stay until the end, as a log's segments do: a file written into the memory that
  /// the one before it gave back would be faster than any log that keeps what it was given.
  func writeSequentially(fileBytes: Int = 256 << 20, for duration: Duration) throws -> Measurement {
    let stream = [UInt8](repeating: 3, count: Self.streamBytes)
    var total = Measurement(operations: 0, bytes: 0, duration: .zero)
    var paths: [String] = []
    while total.duration < duration {
      let path = folder.path(of: "sequential-\(paths.count)")
      paths.append(path)
      let begin = clock.now
      let file = try RawFile(path)
      for offset in stride(from: 0, to: fileBytes, by: stream.count) {
        try file.write(stream.span.bytes, at: offset)
        total.operations += 1
        total.bytes += stream.count
      }
      try file.sync()
      total.duration += begin.duration(to: clock.now)
    }
    for path in paths { try RawFile.remove(path) }
    return total
  }

  /// A file of so many bytes to read from.
  func makeReadFile(bytes: Int, named name: String = "read") throws -> RawFile {
    let file = try RawFile(folder.path(of: name))
    let stream = [UInt8](repeating: 4, count: Self.streamBytes)
    for offset in stride(from: 0, to: bytes, by: stream.count) {
      try file.write(stream.span.bytes, at: offset)
    }
    try file.sync()
    return file
  }

  /// Reads 4 KiB at random offsets.
  func readRandomly(_ file: RawFile, bytes: Int, for duration: Duration) throws -> Measurement {
    var block = [UInt8](repeating: 0, count: Self.blockBytes)
    var random = BenchRandom(seed: 7)
    let blocks = bytes / Self.blockBytes
    return try timeBlocks(for: duration) { _ in
      try file.read(into: &block, at: random.below(blocks) * Self.blockBytes)
    }
  }

  /// Reads 4 KiB here and there, each place once, of a file that the system has forgotten: from the
  /// disk.
  func readColdly(_ file: RawFile, bytes: Int, for duration: Duration) throws -> Measurement {
    try file.forget()
    var block = [UInt8](repeating: 0, count: Self.blockBytes)
    let order = ScatteredOrder(count: bytes / Self.blockBytes)
    return try timeBlocks(atMost: order.count, for: duration) { number in
      try file.read(into: &block, at: order.place(number) * Self.blockBytes)
    }
  }

  /// Does something with a block, again and again, and times each.
  private func timeBlocks(
    atMost count: Int = .max,
    for duration: Duration,
    _ body: (_ number: Int) throws -> Void
  ) throws -> Measurement {
    var latencies = Latencies()
    var operations = 0
    let begin = clock.now
    var last = begin
    while operations < count, begin.duration(to: last) < duration {
      try body(operations)
      let now = clock.now
      latencies.record(last.duration(to: now))
      last = now
      operations += 1
    }
    return Measurement(
      operations: operations,
      bytes: operations * Self.blockBytes,
      duration: begin.duration(to: last),
      latencies: latencies
    )
  }

  /// Reads a file from end to end, again and again, 1 MiB at a time.
  func readSequentially(_ file: RawFile, bytes: Int, for duration: Duration) throws -> Measurement {
    var stream = [UInt8](repeating: 0, count: Self.streamBytes)
    var operations = 0
    let begin = clock.now
    var last = begin
    while begin.duration(to: last) < duration {
      try file.read(into: &stream, at: operations * stream.count % bytes)
      last = clock.now
      operations += 1
    }
    return Measurement(
      operations: operations,
      bytes: operations * stream.count,
      duration: begin.duration(to: last)
    )
  }
}
