extension CommandTable {
  /// The commands about what programs keep in the log.
  static let objects: [CommandSpec] = [
    CommandSpec(
      .stream,
      chapter: 7,
      group: .objects,
      usage: "stream NAME append TEXT | read [FROM] | tail | trim before POSITION",
      summary: "One of many logs within the log.",
      explanation: [
        "An entry of a stream points back at the four before it, so that the stream is read "
          + "without the entries of others. With names and commas between, one entry is in several "
          + "streams.",
        "trim: says that nobody wants what stands before a position; 'trim' alone forgets it.",
      ],
      examples: [
        "stream orders append 'three apples'", "stream orders,stock append both",
        "stream orders read", "stream orders tail",
      ],
      arguments: [.text, .words(["append", "read", "tail", "trim"]), .text]
    ),
    CommandSpec(
      .map,
      chapter: 7,
      group: .objects,
      usage: "map NAME put KEY VALUE | get KEY | remove KEY | list | range FROM TO",
      summary: "Values by key, the same everywhere.",
      explanation: [
        "Keys and values are numbers (7), texts (apples, \"7\"), bytes (0x01) or tuples of them "
          + "((apples, 7)). Numbers stand before texts, those before bytes, those before tuples.",
        "list: all of it; the name alone: the first \(Report.glanceMax) keys. range: from one key "
          + "up to another, which is not among them.",
        "The first change makes the map. What is printed behind a change is where it stands.",
      ],
      examples: ["map stock put apples 3", "map stock get apples", "map stock range a n"],
      arguments: [.text, .words(ObjectKind.map.actions), .text]
    ),
    CommandSpec(
      .counter,
      chapter: 7,
      group: .objects,
      usage: "counter NAME [add N]",
      summary: "A number that goes up and down.",
      explanation: ["add alone adds 1. What is printed is the number right after this change."],
      examples: ["counter visits add 3", "counter visits"],
      arguments: [.text, .words(ObjectKind.counter.actions), .number]
    ),
    CommandSpec(
      .set,
      chapter: 7,
      group: .objects,
      usage: "set NAME add KEY | remove KEY | has KEY | list",
      summary: "Keys that are in it or not.",
      explanation: [
        "Of two who add the same key, one is told that it was there already.",
        "list: all of it; the name alone: the first \(Report.glanceMax).",
      ],
      examples: ["set online add alice", "set online has alice"],
      arguments: [.text, .words(ObjectKind.set.actions), .text]
    ),
    CommandSpec(
      .list,
      chapter: 7,
      group: .objects,
      usage: "list NAME append VALUE | insert I VALUE | set I VALUE | remove I | list",
      summary: "Values in a row.",
      explanation: [
        "I is an index, counted from 0: insert puts a value before what is there.",
        "list: all of it; the name alone: the first \(Report.glanceMax).",
      ],
      examples: ["list todo append wash; list todo insert 0 shop", "list todo list"],
      arguments: [.text, .words(ObjectKind.list.actions), .text]
    ),
    CommandSpec(
      .queue,
      chapter: 7,
      group: .objects,
      usage: "queue NAME push VALUE | pop | list",
      summary: "Values that wait for their turn.",
      explanation: [
        "A value is popped by one client and no other, however many try.",
        "list: all of it; the name alone: the first \(Report.glanceMax).",
      ],
      examples: ["queue jobs push wash", "queue jobs pop"],
      arguments: [.text, .words(ObjectKind.queue.actions), .text]
    ),
    CommandSpec(
      .register,
      chapter: 7,
      group: .objects,
      usage: "register NAME [write VALUE | cas OLD NEW]",
      summary: "One value, which can be compared and set.",
      explanation: [
        "cas writes NEW if OLD is there. 'nothing' stands for no value: of all who say "
          + "'cas nothing' and their own name, one wins."
      ],
      examples: ["register leader cas nothing alice", "register leader"],
      arguments: [.text, .words(ObjectKind.register.actions), .text]
    ),
    CommandSpec(
      .at,
      chapter: 7,
      group: .objects,
      usage: "at POSITION map NAME get KEY",
      summary: "Looks at an object as it was.",
      explanation: [
        "As it was when the log ended at POSITION: all that stands before it, and nothing else. "
          + "Any look will do, at any kind of object.",
        "It is played anew from the newest checkpoint before that. What is forgotten cannot be "
          + "seen: then it says from which position on it can.",
      ],
      examples: ["at 5 map stock get apples", "at tail-2 queue jobs list", "at 5 counter visits"],
      arguments: [
        .position, .words(ObjectKind.allCases.map(\.rawValue)), .text,
        .words(["get", "has", "list", "range"]), .text,
      ]
    ),
    CommandSpec(
      .history,
      chapter: 7,
      group: .objects,
      usage: "history NAME [KEY]",
      summary: "Shows what changed an object, and when.",
      explanation: [
        "Each entry that wrote the key: where it stands, who wrote it, and what was there then."
      ],
      examples: ["history stock apples", "history jobs"],
      arguments: [.text]
    ),
    CommandSpec(
      .objects,
      chapter: 7,
      group: .objects,
      usage: "objects",
      summary: "Lists the names that the log knows.",
      explanation: [
        "What each is, its stream, where its last entry stands, and the newest checkpoint.",
        "The directory of names is an object itself, in stream 0.",
      ],
      examples: ["objects"]
    ),
    CommandSpec(
      .checkpoint,
      chapter: 7,
      group: .objects,
      usage: "checkpoint [NAME | all | every N | off]",
      summary: "Writes down what objects are.",
      explanation: [
        "Whoever opens an object begins at its newest checkpoint. 'trim' alone forgets what all "
          + "checkpoints stand for: also plain entries that stand before them.",
        "every: from now on this session writes down by itself what it has open, whenever the log "
          + "has grown by N positions; it looks after each change that it makes. 'off' ends that.",
      ],
      examples: ["checkpoint stock", "checkpoint all; trim", "checkpoint every 1000"],
      arguments: [.words(["all", "every", "off"])]
    ),
  ]

  /// The commands about transactions.
  static let transactions: [CommandSpec] = [
    CommandSpec(
      .begin,
      chapter: 7,
      group: .transactions,
      usage: "begin [SESSION]",
      summary: "Begins a transaction.",
      explanation: [
        "From now on the session sees all objects as they are at this moment, with its own changes "
          + "on top; those reach the log together, with 'commit', or not at all.",
        "Behind what is read stands where that was written: A@3.",
      ],
      examples: ["begin", "begin alice"],
      arguments: [.text]
    ),
    CommandSpec(
      .commit,
      chapter: 7,
      group: .transactions,
      usage: "commit",
      summary: "Ends it: all of it happens, or nothing.",
      explanation: [
        "All changes are one entry, which gets a position only if nothing that was read has been "
          + "written since. Otherwise it says what was in the way, and nothing is in the log."
      ],
      examples: ["begin; map m get a; map m put b 7; commit"]
    ),
    CommandSpec(
      .rollback,
      chapter: 7,
      group: .transactions,
      usage: "rollback",
      summary: "Ends it without a trace.",
      explanation: ["Nobody else will ever have seen anything of it."],
      examples: ["begin; map m put b 7; rollback"]
    ),
    CommandSpec(
      .session,
      chapter: 7,
      group: .transactions,
      usage: "session [NAME]",
      summary: "Goes on as another program, or lists them.",
      explanation: [
        "Each session is a client with its own copies of the objects, and a transaction of its "
          + "own: two are enough for a conflict. A name that is new makes one."
      ],
      examples: ["session bob", "session"],
      arguments: [.text]
    ),
  ]
}
