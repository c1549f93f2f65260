extension CommandTable {
  /// The commands that concern the session itself.
  static let session: [CommandSpec] = [
    CommandSpec(
      .help,
      aliases: [".help"],
      group: .session,
      usage: "help [COMMAND]",
      summary: "Lists the commands, or explains one.",
      explanation: [
        "Several commands fit on one line, separated by ';'. A '#' begins a comment.",
        "Texts in 'single quotes' are kept as they are.",
        "Texts in \"double quotes\" know \\n \\t \\r \\\\ \\\" and \\xNN.",
      ],
      examples: ["help append"],
      arguments: [.command]
    ),
    CommandSpec(
      .mode,
      group: .session,
      usage: ".mode [table | json | raw]",
      summary: "Chooses how results are shown.",
      explanation: [
        "table is for people.",
        "json prints one document per line: payloads as \"payload\" if they are text, else as "
          + "\"payloadHex\".",
        "raw prints payloads byte for byte, each followed by a new line if it was a line.",
      ],
      examples: [".mode json"],
      arguments: [.words(RenderingMode.allCases.map(\.rawValue))]
    ),
    CommandSpec(
      .output,
      group: .session,
      usage: ".output FILE | .output stdout",
      summary: "Sends results to a file, or back.",
      explanation: [
        "The file is replaced if it exists. Errors still go to the screen.",
        "'.output stdout' ends it. To write to a file of that name, say './stdout'.",
      ],
      examples: [".output log.txt; scan; .output stdout"],
      arguments: [.file]
    ),
    CommandSpec(
      .script,
      group: .session,
      usage: ".read FILE",
      summary: "Runs the commands in a file.",
      explanation: [
        "The file holds what one would type, line by line. '#' begins a comment.",
        "A command that fails does not stop the others, unless '.bail on'.",
      ],
      examples: [".read commands.txt"],
      arguments: [.file]
    ),
    CommandSpec(
      .watch,
      group: .session,
      usage: ".watch SECONDS [times N] COMMAND",
      summary: "Repeats a command.",
      explanation: ["It goes on until Ctrl-C, N times were done, or the command fails."],
      examples: [".watch 1 stats", ".watch 0.5 times 10 tail"],
      arguments: [.number, .command]
    ),
    CommandSpec(
      .timing,
      group: .session,
      usage: ".timing on | .timing off",
      summary: "Tells how long each command took.",
      explanation: ["Off at first."],
      examples: [".timing on"],
      arguments: [.words(["on", "off"])]
    ),
    CommandSpec(
      .bail,
      group: .session,
      usage: ".bail on | .bail off",
      summary: "Stops a script at its first failure.",
      explanation: [
        "Off at first: a script goes on after a failure, and the exit status is 1 at the end.",
        "On, it also leaves the rest of a line of several commands.",
      ],
      examples: [".bail on"],
      arguments: [.words(["on", "off"])]
    ),
    CommandSpec(
      .quit,
      aliases: ["exit", ".quit", ".exit"],
      group: .session,
      usage: "quit",
      summary: "Leaves, as Ctrl-D does.",
      explanation: ["Everything acknowledged is on disk already."],
      examples: ["quit"]
    ),
  ]
}
