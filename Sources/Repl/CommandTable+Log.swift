extension CommandTable {
  /// The commands that use the log.
  static let log: [CommandSpec] = [
    CommandSpec(
      .append,
      group: .log,
      usage: "append TEXT... | append 0xHEX | append -f FILE",
      summary: "Adds an entry at the end of the log.",
      explanation: [
        "Several words become one entry, one blank between them.",
        "A word that begins with a quote keeps its blanks, up to the next quote; within a word, as "
          + "in {\"a\":1}, a quote is like any other character.",
        "0x and an even number of hexadecimal digits, alone, stand for those bytes.",
        "With -f every line of the file becomes an entry, without the end of the line; '-' is the "
          + "standard input. A line that is too long stands in pieces, from stage 7 on.",
        "Its position is printed once the entry is safe on disk.",
      ],
      examples: ["append hello", "append 'two  blanks'", "append 0xcafe", "append -f notes.txt"],
      arguments: [.text]
    ),
    CommandSpec(
      .read,
      group: .log,
      usage: "read POSITION | read RANGE",
      summary: "Shows what stands at a position or range.",
      explanation: [
        "A position is a number from 0, or 'tail' (the first free one), or 'tail-3'.",
        "A range is 5..<9 (without 9), 5...9 (with 9), 5... (to the end) or tail-3...",
        "Of a long entry only the beginning is shown, and its length; '.mode raw' shows all of it.",
      ],
      examples: ["read 0", "read tail-1", "read 5...9"],
      arguments: [.position]
    ),
    CommandSpec(
      .scan,
      group: .log,
      usage: "scan [RANGE] [count N]",
      summary: "Shows all entries, or those of a range.",
      explanation: [
        "A single position means: from there on. 'count' stops after so many entries; one that is "
          + "told to be lost counts, too.",
        "Entries are read in pieces, so that a log of any size can be scanned. Ctrl-C stops.",
        "From stage 5 on it waits a moment for a position that somebody took and has not written, "
          + "and then fills it with junk, so that nobody ever waits there again.",
        "Long entries are cut to fit, and their length told. In '.mode raw' the entries' bytes are "
          + "printed, all of them, each followed by a new line; what a client sent together comes "
          + "in the order in which it sent it. So a file comes back, and 'read 5...9' keeps the "
          + "log's order.",
        "In '.mode json' each position is a document of its own.",
      ],
      examples: ["scan", "scan tail-10...", "scan 100 count 20"],
      arguments: [.words(["tail", "count"]), .words(["count"])]
    ),
    CommandSpec(
      .follow,
      group: .log,
      usage: "follow [from POSITION] [count N] [for SECONDS]",
      summary: "Shows entries as they arrive.",
      explanation: [
        "It begins at the end of the log unless 'from' says otherwise, and goes on until Ctrl-C.",
        "It stops after 'count' entries, those that are told to be lost among them, or after 'for' "
          + "seconds.",
      ],
      examples: ["follow", "follow from 0 count 10", "follow for 2"],
      arguments: [.words(["from", "count", "for", "tail"])]
    ),
    CommandSpec(
      .tail,
      group: .log,
      usage: "tail",
      summary: "Shows where the log ends.",
      explanation: ["The next entry gets this position or a later one. The tail never goes back."],
      examples: ["tail"]
    ),
    CommandSpec(
      .race,
      group: .log,
      usage: "race [CLIENTS] [APPENDS]",
      summary: "Lets clients race for the end of the log.",
      explanation: [
        "Each client looks where the log ends and writes there. One wins, the others try again.",
        "Shown is how often each had to. 4 clients with 25 appends each, unless you say otherwise.",
      ],
      examples: ["race", "race 8 100"],
      arguments: [.number]
    ),
    CommandSpec(
      .trim,
      chapter: 4,
      group: .log,
      usage: "trim POSITION|RANGE | trim before POSITION",
      summary: "Forgets a position, a range, or all before.",
      explanation: [
        "A trimmed position stays trimmed: it can be neither read nor written.",
        "Ranges are written as for 'read'. The room comes back with 'compact', or by and by; of "
          + "what is before a position, at once, file by file.",
        "From stage 7 on 'trim' alone forgets what checkpoints of all objects stand for.",
      ],
      examples: ["trim 3", "trim 5..<900", "trim before tail-100"],
      arguments: [.words(["before", "tail"])]
    ),
    CommandSpec(
      .fill,
      chapter: 5,
      group: .log,
      usage: "fill POSITION",
      summary: "Closes a hole by writing junk there.",
      explanation: [
        "A client that crashed may have left one: readers would wait for it for ever.",
        "If an entry stands there already, it stays, and fill shows it.",
        "Readers skip junk.",
      ],
      examples: ["fill 7"],
      arguments: [.position]
    ),
  ]

  /// The commands that look below the log.
  static let disk: [CommandSpec] = [
    CommandSpec(
      .stats,
      group: .disk,
      usage: "stats",
      summary: "Shows the log's numbers.",
      explanation: [
        "Retries are appends that lost a race for their position and took another.",
        "Counts of work (appends, retries, syncs) are those since the log was opened.",
        "Entries are counted until compaction takes their room back, trimmed ones too; trimmed "
          + "counts what was trimmed above the trim mark.",
      ],
      examples: ["stats", ".watch 1 stats"]
    ),
    CommandSpec(
      .verify,
      group: .disk,
      usage: "verify",
      summary: "Checks all that is on disk.",
      explanation: ["Damage is listed and makes the command fail. Nothing is changed."],
      examples: ["verify"]
    ),
    CommandSpec(
      .crash,
      group: .disk,
      usage: "crash | crash client [after token | after head]",
      summary: "Cuts the power of simulated disks.",
      explanation: [
        "What was not synced is lost or torn. 'reopen' recovers the log.",
        "Only with --memory: real disks are left alone.",
        "What was acknowledged must be there afterwards.",
        "'crash client', from chapter 5 on, ends the client in use: at once, or when its next "
          + "append has its token, or has written the head of a chain and nothing else.",
      ],
      examples: ["crash; reopen"]
    ),
    CommandSpec(
      .reopen,
      group: .disk,
      usage: "reopen",
      summary: "Opens the log again, as after a restart.",
      explanation: [
        "Up to stage 4 it tells what recovery found, from stage 5 on which epoch has begun; cuts, "
          + "delays and 'monitor off' end with the processes that are closed."
      ],
      examples: ["reopen"]
    ),
  ]
}
