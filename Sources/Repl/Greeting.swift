import CorfuGlobalLog

/// The first lines of a conversation: what this is, where the data is, how to get help.
public enum Greeting {
  /// The greeting of a session.
  public static func lines(for session: any ReplSession) async -> [String] {
    var contents = ""
    var hint = "Try 'scan tail-10...' for the last entries, or 'append hello'"
    // A log that cannot tell its end says why at the first command.
    if let tail = try? await session.log.tail() {
      let isEmpty = tail == .zero
      contents = isEmpty ? "; it is empty so far" : "; the next entry goes to position \(tail)"
      if isEmpty { hint = "Try 'append hello', then 'scan'" }
    }
    if session.isReadOnly { hint = "Try 'scan tail-10...' for the last entries, or 'follow'" }
    let name = name(stage: session.stage)
    let end = session.isSimulated ? " It ends with this session." : ""
    return [
      "CORFU, a shared log. Stage \(session.stage): \(name).",
      "The log is in \(session.place)\(contents).\(end)",
    ] + session.notices + [
      "\(hint); 'help' lists the commands, Ctrl-D leaves.",
      "",
    ]
  }

  private static func name(stage: Int) -> String {
    switch stage {
    case 1: "one durable log, for whose end clients race"
    case 2: "a sequencer hands out positions"
    case 3: "entries are striped over units and mirrored"
    case 4: "what was trimmed is compacted away"
    case 5: "positions are written once, holes are filled"
    case 6: "the layout is agreed upon and changes"
    case 7: "objects and transactions on the log"
    default: "a cluster"
    }
  }
}
