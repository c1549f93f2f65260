/// Says which closed connections are told, so that nobody fills the log by connecting: of each
/// address and reason the first one, and after that now and then how many more there were.
///
/// Holds a bounded number of addresses; those that come when there are as many are told as one. A
/// value without a clock: whoever uses it says what time it is.
struct ComplaintLimit {
  /// For how long no more is told of an address and a reason.
  static let quiet = Duration.seconds(30)
  /// Of how many addresses and reasons something is remembered, those of all others together not
  /// counted.
  static let subjectsMax = 64

  private struct Subject: Hashable {
    /// `nil` for all those that there was no room for.
    var host: String?
    var reason: ClosingReason
  }

  private struct Tally {
    /// When something was told last.
    var told: ContinuousClock.Instant
    /// How many there were since.
    var more = 0
    /// What was said of the last one.
    var words: String
  }

  private var tallies: [Subject: Tally] = [:]

  /// Of how many addresses and reasons something is remembered.
  var subjectCount: Int { tallies.count }

  /// Takes in a connection that was closed.
  ///
  /// - Parameters:
  ///   - closing: Which, and why.
  ///   - now: The time.
  /// - Returns: What is to be told at once; `nil` if nothing is.
  mutating func hear(_ closing: Closing, at now: ContinuousClock.Instant) -> Complaint? {
    let subject = subject(of: closing)
    if var tally = tallies[subject], tally.more > 0 || now - tally.told < Self.quiet {
      tally.more += 1
      tally.words = closing.words
      tallies[subject] = tally
      return nil
    }
    tallies[subject] = Tally(told: now, words: closing.words)
    return Complaint(peer: closing.peer, words: closing.words)
  }

  private func subject(of closing: Closing) -> Subject {
    let subject = Subject(host: closing.host, reason: closing.reason)
    // One for each reason stands for all others.
    let count = tallies.keys.count { $0.host != nil }
    let hasRoom = tallies[subject] != nil || count < Self.subjectsMax
    return hasRoom ? subject : Subject(host: nil, reason: closing.reason)
  }

  /// What is due: how many more there were, of whom nothing was told for long enough.
  ///
  /// Whoever was quiet all that time is forgotten.
  mutating func due(at now: ContinuousClock.Instant) -> [Complaint] {
    let quiet = Self.quiet
    return tell(at: now) { now - $0.told >= quiet }
  }

  /// All that was not told yet, when no more is to come.
  mutating func rest(at now: ContinuousClock.Instant) -> [Complaint] {
    tell(at: now) { _ in true }
  }

  private mutating func tell(
    at now: ContinuousClock.Instant,
    where isDue: (Tally) -> Bool
  ) -> [Complaint] {
    var complaints: [Complaint] = []
    for (subject, tally) in tallies where isDue(tally) {
      if tally.more == 0 {
        tallies[subject] = nil
        continue
      }
      let peer = subject.host ?? "others"
      complaints.append(Complaint(peer: peer, words: tally.words, more: tally.more))
      tallies[subject] = Tally(told: now, words: tally.words)
    }
    return complaints.sorted { ($0.peer, $0.words) < ($1.peer, $1.words) }
  }
}

/// A connection that a server has closed for a reason that somebody should know.
struct Closing: Sendable {
  /// The other end, with its port.
  var peer: String
  /// Its machine's address, without the port.
  var host: String
  /// Why, as it is counted.
  var reason: ClosingReason
  /// Why, as it is told.
  var words: String
}

/// What is told of connections that a server has closed: of one, or that there were more like it.
public struct Complaint: Hashable, Sendable {
  /// The other end, if it is one connection; the address of all of them otherwise.
  public var peer: String
  /// Why; of several, why the last one.
  public var words: String
  /// How many more there were since it was told last; `nil` for a connection by itself.
  public var more: Int?
}

extension Complaint: CustomStringConvertible {
  public var description: String {
    switch more {
    case nil: "a connection was closed: \(words)"
    case 1?: "one more connection was closed: \(words)"
    case let more?: "\(more) more connections were closed: \(words)"
    }
  }
}
