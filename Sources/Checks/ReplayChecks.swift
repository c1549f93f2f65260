import CorfuGlobalLog
import CorfuSimulation
public import CorfuTransactions

/// A word that gets letters: the object that exercise 7.2 is tried with.
public struct Spelling: ReplicatedState, Codable, Equatable {
  /// The word.
  public private(set) var text = ""

  /// The empty word.
  public init() {}

  /// Appends some letters.
  ///
  /// - Returns: How many there were before.
  public mutating func apply(_ letters: String) -> Int {
    defer { text += letters }
    return text.utf8.count
  }
}

/// The checks of exercise 7.2: any ``Replaying``, through overlapping walks and with readers at
/// earlier moments.
public struct ReplayChecks<Player: Replaying<Spelling>>: Sendable {
  /// Checks for a player.
  public init() {}

  private typealias Promise = Invariant.Chapter7
  private typealias Scene = ReplayScene<Player>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "7.2.1",
        Promise.once,
        Scene.Kind(repeats: 0.3),
        [.state, .version],
        often: "An entry before the version is in the object already. After an entry, the version "
          + "is the position behind it, whether it had updates for this object or not."
      ),
      check(
        "7.2.2",
        Promise.outcome,
        Scene.Kind(repeats: 0.3),
        [.outcome],
        often: "The outcome is what apply returned for the last update of the entry; an entry that "
          + "was played before has none."
      ),
      check(
        "7.2.3",
        Promise.moment,
        Scene.Kind(repeats: 0.1, reads: 0.5),
        [.past],
        often: "Keep the state before it is changed, with its moments: from the old version up to "
          + "and with the entry's position. If the pin lies behind that, keep it all the same: "
          + "others may read at earlier moments. At a moment from the version on, the object is "
          + "what it is now."
      ),
      check(
        "7.2.4",
        Promise.kept,
        Scene.Kind(reads: 0.5, forgets: true),
        [.past, .kept],
        often: "Of what is kept, all goes whose moments nobody reads at, and nothing else. And "
          + "where no pin is at the version or behind it, nobody needs the old state: it is not "
          + "kept at all."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ kind: Scene.Kind,
    _ breaches: Set<ReplayBreach>,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var scene = Scene(seed: seed, kind)
      scene.run()
      if let (breach, finding) = scene.found, breaches.contains(breach) {
        throw CheckFailure(finding, events: scene.events)
      }
      return CheckTrace(events: scene.events)
    }
  }
}

/// What can be wrong with a player.
enum ReplayBreach { case state, version, outcome, past, kept }

/// An object that is played, while some read at earlier moments.
private struct ReplayScene<Player: Replaying<Spelling>> {
  /// How likely things are.
  struct Kind {
    var repeats = 0.0
    var reads = 0.0
    var forgets = false
  }

  private(set) var events: [String] = []
  /// The first thing that was wrong.
  private(set) var found: (breach: ReplayBreach, finding: String)?
  private let kind: Kind
  private var random: SeededGenerator
  private var player: Player
  /// What was played, in order.
  private var played: [(position: Position, letters: [String])] = []
  private var version: Position
  private var pins: [Position] = []

  init(seed: UInt64, _ kind: Kind) {
    self.kind = kind
    random = SeededGenerator(seed: seed)
    version = Position(UInt64(random.number(below: 5)))
    player = Player(Spelling(), version: version)
    events.append("an empty word, of version \(version)")
  }

  mutating func run() {
    for _ in 0..<random.number(in: 2...12) where found == nil {
      if random.chance(kind.reads) { changePins() }
      if found != nil { return }
      if random.chance(kind.repeats), let entry = randomPlayed() {
        play(entry.letters, at: entry.position, isNew: false)
      } else {
        playNext()
      }
      lookBack()
    }
  }

  private mutating func randomPlayed() -> (position: Position, letters: [String])? {
    played.isEmpty ? nil : played[random.number(below: played.count)]
  }

  private mutating func playNext() {
    let letters = (0..<random.number(in: 0...2)).map { _ in
      String("abcdefgh".dropFirst(random.number(below: 8)).prefix(1))
    }
    let position = version.advanced(by: random.number(below: 3))
    play(letters, at: position, isNew: true)
  }

  private mutating func play(_ letters: [String], at position: Position, isNew: Bool) {
    let before = word(at: version)
    let isWanted = pins.contains { $0 >= version }
    let outcome = player.play(letters, at: position, pin: pins.max())
    if isNew {
      played.append((position, letters))
      version = position.advanced(by: 1)
    }
    let told = letters.isEmpty ? "nothing for it" : "append " + letters.joined(separator: ", ")
    let result = outcome.map { "  <- \($0)" } ?? ""
    events.append("entry \(position): \(told)\(result)    the word: '\(player.state.text)'")
    let all = letters.dropLast().joined().utf8.count
    let expected = isNew && !letters.isEmpty ? before.utf8.count + all : nil
    if player.state.text != word(at: version) {
      note(.state, "the word should be '\(word(at: version))'")
    } else if player.version != version {
      note(.version, "its version should be \(version), and is \(player.version)")
    } else if outcome != expected {
      let right = expected.map { "\($0), as many as there were before the last" } ?? "none"
      note(.outcome, "the outcome should be \(right)")
    } else if kind.forgets, isNew, !isWanted, player.state(at: position) != nil {
      note(.kept, "what the word was at \(position) is kept, and nobody reads at it")
    }
  }

  /// What the word was when everything before a position was in it.
  private func word(at moment: Position) -> String {
    played.filter { $0.position < moment }.flatMap(\.letters).joined()
  }

  private mutating func note(_ breach: ReplayBreach, _ finding: String) {
    found = found ?? (breach, finding)
  }

  // MARK: - The past

  private mutating func changePins() {
    if random.chance(0.6) || pins.isEmpty {
      // Whoever has come further along the log may read behind the entries that are played next.
      let ahead = random.chance(0.5) ? random.number(below: 7) : 0
      let moment = version.advanced(by: ahead)
      pins.append(moment)
      events.append("somebody begins to read at \(moment)")
      return
    }
    let pin = pins.remove(at: random.number(below: pins.count))
    events.append("whoever read at \(pin) has ended")
    guard kind.forgets else { return }
    player.forget { [pins] moments in pins.contains { moments.contains($0) } }
    events.append("what nobody reads at is forgotten")
    lookForWaste()
  }

  /// Whoever reads must be shown what was there at their moment.
  private mutating func lookBack() {
    for pin in pins where found == nil {
      let state = player.state(at: pin)
      if state?.text == word(at: pin) { continue }
      let shown = state.map { "'\($0.text)'" } ?? "nothing"
      note(.past, "whoever reads at \(pin) is shown \(shown), and should see '\(word(at: pin))'")
    }
  }

  private mutating func lookForWaste() {
    var begin: Position?
    for (position, _) in played where found == nil {
      let range = (begin ?? .zero)..<position.advanced(by: 1)
      begin = range.upperBound
      if pins.contains(where: { range.contains($0) }) { continue }
      if player.state(at: position) != nil {
        note(.kept, "what the word was at \(position) is still kept, and nobody reads at it")
      }
    }
  }
}
