extension CommandTable {
  /// What chapter 6 adds to commands that were there before.
  static func healingWords(of name: CommandName) -> [String] {
    switch name {
    case .node: ["wipe", "add", "remove", "replace"]
    case .layout: ["history"]
    case .trace: ["all"]
    default: []
    }
  }

  /// The commands of a cluster that looks after itself.
  static let healing: [CommandSpec] = [
    CommandSpec(
      .status,
      chapter: 6,
      group: .healing,
      usage: "status",
      summary: "Tells on one screen whether all is well.",
      explanation: [
        "Whether all is well, or what is not; what the monitors do, and how each node is.",
        "down: it has no process. not opened: its folder could not be opened. paused: 'node pause' "
          + "asked for it. stopped: its disk failed. disk full, disk slow: as 'disk' asked for.",
        "silent: it did not answer when last asked. suspected: it has been silent for too long.",
        "behind: it does not serve the newest layout yet. new: it has an empty disk, and no layout "
          + "names it yet. rebuilding: it is given a copy. leaving: others are to have what it "
          + "has. returned: no layout names its disk, which is to be emptied.",
      ],
      examples: ["status", "node kill n1; status"]
    ),
    CommandSpec(
      .reconfigure,
      chapter: 6,
      group: .healing,
      usage: "reconfigure [stripes N | lost NAME... --yes | appoint --yes]",
      summary: "Brings the next layout into force by hand.",
      explanation: [
        "Look, seal, read the tails, let the acceptors decide, install: what monitors do when a "
          + "node is dead. Alone it begins a new epoch even if nothing has changed.",
        "stripes: new positions rotate over more chains, which need spares.",
        "lost: gives up the disks of nodes, and every entry that only they had. appoint: names new "
          + "acceptors when most of the old ones are lost, without a vote. Both can lose entries "
          + "that were acknowledged, and are for disks that will never come back: so they want "
          + "--yes.",
      ],
      examples: ["reconfigure", "reconfigure stripes 3", "reconfigure lost n1 n2 --yes"],
      arguments: [.words(["stripes", "lost", "appoint"]), .text]
    ),
    CommandSpec(
      .rebuild,
      chapter: 6,
      group: .healing,
      usage: "rebuild [status]",
      summary: "Shows what is copied to whom.",
      explanation: [
        "A unit that takes over serves new positions at once. What is older is copied to it, holes "
          + "filled first; then it joins the chain there as well."
      ],
      examples: ["rebuild status"],
      arguments: [.words(["status"])]
    ),
    CommandSpec(
      .remap,
      chapter: 6,
      group: .healing,
      usage: "remap NAME... | remap below PERCENT | remap off",
      summary: "Compacts by moving what is alive elsewhere.",
      explanation: [
        "A spare takes over from each unit and is given what is not trimmed; the unit is emptied, "
          + "and stands by for the next. As many at once as there are spares.",
        "below: does that by itself to a unit of which less than so many percent is alive. It is "
          + "off unless you ask for it. off: those that have not begun are left as they are, too.",
      ],
      examples: ["remap n1 n2", "remap below 30"],
      arguments: [.words(["below", "off"]), .text]
    ),
    CommandSpec(
      .paxos,
      chapter: 6,
      group: .healing,
      usage: "paxos [duel | prepare a|b [NAME...] | accept a|b [NAME...]]",
      summary: "Shows what acceptors promised and voted for.",
      explanation: [
        "Each register decides what follows one layout. One that is decided becomes history, and "
          + "is forgotten.",
        "duel: two proposers, a and b, want different layouts in one register, which is for "
          + "practice: the real acceptors vote, durably, but no cluster will ever get that far. "
          + "You let them act step by step, at all acceptors or at those you name.",
      ],
      examples: ["paxos", "paxos duel; paxos prepare a; paxos prepare b; paxos accept a"],
      arguments: [.words(["duel", "prepare", "accept"]), .words(["a", "b"]), .text]
    ),
    CommandSpec(
      .monitor,
      chapter: 6,
      group: .healing,
      usage: "monitor [on | off]",
      summary: "Lets the monitors act by themselves, or not.",
      explanation: [
        "Off they still see who is silent, but change nothing: 'reconfigure' does it by hand."
      ],
      examples: ["monitor off; node kill n1; reconfigure", "monitor on"],
      arguments: [.words(["on", "off"])]
    ),
    CommandSpec(
      .wait,
      chapter: 6,
      group: .healing,
      usage: "wait [SECONDS]",
      summary: "Waits until nothing is left to do.",
      explanation: [
        "Until everybody who is silent is suspected, the layout does without them, and copies are "
          + "done. With SECONDS it waits that long at most, without them a minute, and says if "
          + "something is still to be done then.",
        "In memory time stands still between commands, and each command waits like this by itself.",
      ],
      examples: ["wait", "wait 2"],
      arguments: [.number]
    ),
  ]
}

extension CommandSpec {
  /// The command as it is written at a stage that has less of it, or more, than others.
  func shown(at stage: Int) -> CommandSpec {
    let usage =
      switch (name, stage) {
      case (.node, ..<5): "node [kill | restart NAME]"
      case (.node, 6...):
        "node [kill | restart | pause | resume | wipe | remove | replace NAME | add]"
      case (.layout, 6...): "layout [history]"
      case (.trace, 6...): "trace on | trace off | trace all"
      default: self.usage
      }
    return CommandSpec(
      name,
      aliases: aliases,
      chapter: chapter,
      group: group,
      usage: usage,
      summary: summary,
      explanation: explanation,
      examples: examples,
      arguments: arguments
    )
  }
}
