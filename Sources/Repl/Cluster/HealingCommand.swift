/// A command about a cluster that looks after itself, understood.
public enum HealingCommand: Hashable, Sendable {
  /// Shows how everything is, on one screen.
  case status
  /// Shows which layouts were in force.
  case history
  /// Ends the epoch and begins the next.
  case reconfigure
  /// Lets new positions rotate over so many chains.
  case stripes(Int)
  /// Gives up the disks of nodes.
  case lost([String], isSure: Bool)
  /// Appoints new acceptors without a vote.
  case appoint(isSure: Bool)
  /// Shows what is being copied.
  case rebuild
  /// Shows what the acceptors promised and voted for.
  case paxos
  /// A step of a duel of two proposers.
  case duel(DuelStep)
  /// Lets the monitors act by themselves, or not; `nil` tells.
  case monitor(Bool?)
  /// Lets time pass: so much, or until nothing is left to do.
  case wait(Duration?)
  /// Draws what monitors ask all the time as well.
  case traceAll
  /// Empties a node's disk, also if nobody else has what it has.
  case wipe(String, isSure: Bool)
  /// Makes another unit.
  case add
  /// Lets a node go.
  case remove(String)
  /// Lets a spare take over from a node.
  case replace(String)
  /// Lets spares take over from all units of a chain in turn, or from one unit.
  case remap([String])
  /// Remaps what is mostly trimmed without being asked, below this share; `nil` for never.
  case remapPolicy(Double?)

  /// What a proposer in a duel can do.
  public enum DuelStep: Hashable, Sendable {
    /// Begin another duel.
    case begin
    /// Ask for promises; of all acceptors, if none is named.
    case prepare(String, at: [String])
    /// Ask for votes.
    case accept(String, at: [String])
  }
}
