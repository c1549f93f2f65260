/// One command, understood: what the parser makes of a line, and the interpreter carries out.
public indirect enum Command: Hashable, Sendable {
  /// Appends one entry.
  case append([UInt8])
  /// Appends every line of a file as an entry.
  case appendLines(of: Source, reports: AppendReport)
  /// Reads one position.
  case read(PositionTerm)
  /// Reads a run of positions, up to so many entries; of payloads alone, in an order.
  case scan(RangeTerm, count: Int?, order: ScanOrder = .writer)
  /// Prints entries as they come.
  case follow(Following)
  /// Where the log ends.
  case tail
  /// The log's numbers.
  case stats
  /// Checks all that is on disk.
  case verify
  /// Cuts the power of a simulated disk.
  case crash
  /// Opens the log again, as after a restart.
  case reopen
  /// Lets several clients race for the end of the log.
  case race(clients: Int, appends: Int)
  /// Fills a hole with junk.
  case fill(PositionTerm)
  /// Forgets one position.
  case trim(PositionTerm)
  /// Forgets a run of positions.
  case trimRange(RangeTerm)
  /// Forgets every position before one.
  case trimPrefix(before: PositionTerm)
  /// Does something to the servers below the log, or shows them.
  case cluster(ClusterCommand)
  /// Explains the commands, or one of them.
  case help(String?)
  /// Chooses how results are shown; nil tells how they are.
  case mode(RenderingMode?)
  /// Tells after each command how long it took.
  case timing(Bool)
  /// Leaves a script at its first failure.
  case bail(Bool)
  /// Runs the commands in a file.
  case script(String)
  /// Sends results to a file; nil for standard output.
  case output(String?)
  /// Repeats a command, for ever if `times` is nil.
  case watch(every: Duration, times: Int?, Command)
  /// Leaves.
  case quit
}

extension Command {
  /// Where lines come from.
  public enum Source: Hashable, Sendable {
    /// A file.
    case file(String)
    /// What is piped into the process, written `-`.
    case input
  }

  /// What an append of many lines tells.
  public enum AppendReport: Hashable, Sendable {
    /// How many, and where, at the end.
    case summary
    /// Each position as soon as its entry is durable.
    case positions
  }

  /// From where, and for how long, entries are followed.
  public struct Following: Hashable, Sendable {
    /// The first position of interest; the end of the log if nil.
    public var from: PositionTerm?
    /// After how many entries to stop; never if nil.
    public var count: Int?
    /// After which time to stop; never if nil.
    public var duration: Duration?

    /// What to follow.
    public init(from: PositionTerm? = nil, count: Int? = nil, duration: Duration? = nil) {
      self.from = from
      self.count = count
      self.duration = duration
    }
  }
}

/// In which order a scan shows payloads, where it shows nothing else.
///
/// Where each has its position beside it the order is the log's.
public enum ScanOrder: Hashable, Sendable {
  /// What a writer sent together, in the order in which it sent it; else as in the log.
  case writer
  /// As in the log.
  case log
}

/// How results are shown.
public enum RenderingMode: String, CaseIterable, Hashable, Sendable {
  /// For people: aligned columns, summaries.
  case table
  /// For programs: one JSON document per line.
  case json
  /// The payloads' bytes alone, each followed by a new line, unless it was no whole line.
  case raw
}

extension Command.Source {
  /// Makes sure that a file can be read, before anything is made for what it holds.
  ///
  /// - Throws: ``ReplError/file(_:reason:)``.
  public static func checkThatThereIs(_ name: String) throws(ReplError) {
    SystemCall.close(try SystemCall.openForReading(name))
  }
}
