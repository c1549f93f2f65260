extension CommandTable {
  /// The commands that look at servers, and break them.
  static let cluster: [CommandSpec] = [
    CommandSpec(
      .layout,
      chapter: 3,
      group: .cluster,
      usage: "layout",
      summary: "Shows which units hold which positions.",
      explanation: [
        "Positions take turns over the stripes. An arrow leads from the head of a chain to its "
          + "tail.",
        "From stage 6 on a column is a span, and 'layout history' tells what changed when.",
      ],
      examples: ["layout"]
    ),
    CommandSpec(
      .compact,
      chapter: 4,
      group: .cluster,
      usage: "compact [NAME]",
      summary: "Takes back the room of what was trimmed.",
      explanation: [
        "Of segments that are mostly trimmed what is live is copied, and their files removed. "
          + "Units do it by themselves every few seconds, in memory only when asked. NAME is one "
          + "of them; without it all do.",
        "A segment that is still being written has to be full first. 'stats' tells how much is "
          + "live, and how much is on disk; from chapter 5 on, 'verify' tells it of each file.",
      ],
      examples: ["compact", "trim 0..<900; compact n1"],
      arguments: [.text]
    ),
    CommandSpec(
      .token,
      chapter: 2,
      group: .cluster,
      usage: "token [N] | token use TEXT...",
      summary: "Takes positions without writing there.",
      explanation: [
        "As a client that dies with a ticket in its hand. From chapter 5 on others get past it.",
        "'token use' is the client that wakes up late: it writes with the oldest token taken, in "
          + "the epoch it was taken in.",
      ],
      examples: ["token", "token 3", "token use 'here I am'"],
      arguments: [.words(["use"])]
    ),
    CommandSpec(
      .seal,
      chapter: 5,
      group: .cluster,
      usage: "seal",
      summary: "Ends the epoch and begins the next.",
      explanation: [
        "Every unit closes the epoch and says where it ends; then the same layout is installed "
          + "everywhere, under the next number.",
        "A client that has not heard of it is refused, learns the new layout and goes on.",
      ],
      examples: ["seal"]
    ),
    CommandSpec(
      .client,
      chapter: 5,
      group: .cluster,
      usage: "client [new NAME | use NAME]",
      summary: "Goes on as another client.",
      explanation: ["Clients know nothing of one another. Alone it lists them."],
      examples: ["client", "client new b", "client use c1"],
      arguments: [.words(["new", "use"])]
    ),
    CommandSpec(
      .trace,
      chapter: 5,
      group: .cluster,
      usage: "trace on | trace off",
      summary: "Draws who asks whom in each command.",
      explanation: [
        "A column for each who took part, a line for each message, and the milliseconds since the "
          + "command began. An x is a message that did not arrive, or of which nobody waits for "
          + "the answer any more.",
        "From stage 6 on 'trace all' draws what monitors ask all the time as well.",
      ],
      examples: ["trace on; append hello; trace off"],
      arguments: [.words(["on", "off"])]
    ),
    CommandSpec(
      .node,
      chapter: 3,
      group: .cluster,
      usage: "node [kill | restart | pause | resume NAME]",
      summary: "Kills, restarts or pauses a node.",
      explanation: [
        "NAME is n1, n2 and so on; from stage 5 on 'seq' is the sequencer. Alone it shows how "
          + "they are.",
        "A killed node loses what was not on its disk. From stage 5 on: a paused one hears what it "
          + "was sent when it is resumed.",
        "In stages 3 and 4 a unit is not killed that alone has what others lost, unless "
          + "'node kill NAME --yes' is said.",
        "From stage 6 on: 'node wipe NAME' gives it an empty disk (with --yes also where nobody "
          + "else has what it had, or too few acceptors would know how they voted), 'node add' "
          + "makes another unit, "
          + "'node remove NAME' lets it go once others have what it has, and 'node replace NAME' "
          + "lets a spare take over, and it stands by then.",
      ],
      examples: ["node", "node kill n1; node restart n1"],
      arguments: [.words(ClusterCommand.NodeAction.allCases.map(\.rawValue)), .text]
    ),
    CommandSpec(
      .net,
      chapter: 5,
      group: .cluster,
      usage: "net [partition A B | heal | delay SECONDS]",
      summary: "Cuts, heals or slows the network.",
      explanation: [
        "A and B are nodes or clients, or several with commas between: none of A hears any of B.",
        "A delay is that of every single message. Alone it shows how the network is. 'net heal' "
          + "ends cuts, 'net delay 0' a delay, and 'reopen' both.",
      ],
      examples: ["net partition c1 n1,n2", "net heal", "net delay 0.005"],
      arguments: [.words(["partition", "heal", "delay"]), .text]
    ),
    CommandSpec(
      .disk,
      chapter: 3,
      group: .cluster,
      usage: "disk fail|fill|slow|mend NAME | disk slow NAME SECONDS",
      summary: "Lets a disk fail, fill up or slow down.",
      explanation: [
        "fail: writes and syncs fail; the node stops, and is to be restarted on a mended disk.",
        "fill: no file can grow; entries go on until the space prepared for them is used up.",
        "slow: every sync takes SECONDS longer, 0.25 unless you say otherwise.",
        "mend: it works again. Real files are never harmed: errors are made on the way to them.",
      ],
      examples: ["disk fail n1", "disk slow n2 0.1", "disk mend n1"],
      arguments: [.words(["fail", "fill", "mend", "slow"]), .text]
    ),
  ]
}
