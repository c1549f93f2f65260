public import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuStripeMirror

/// A change of the layout that failed, as people are told of it: what is so, and what to type.
///
/// The libraries know what is so. Which command helps depends on where one types, and on who is
/// there.
public struct ReconfigurationWords: Equatable, Sendable {
  /// How it is with a disk that a layout names.
  enum Presence: Sendable {
    /// Its node is up, and has it.
    case there
    /// Its node is down.
    case down
    /// Its node is up, and has another disk.
    case replaced
  }

  /// What is so.
  let fact: String
  /// Which commands help; `nil` if others tell, or if it is tried again without any.
  let help: String?
  /// What somebody whose command failed by it can do if there is no other help.
  private let rest: String

  /// What the prompt of a cluster in this process says.
  ///
  /// - Parameters:
  ///   - error: Why the layout was not changed.
  ///   - acceptors: Those of the layout in force.
  ///   - idle: Nodes that are down, and could hand out positions.
  ///   - presence: How it is with a disk.
  init(
    _ error: ReconfigurationError,
    acceptors: [UnitName],
    idle: [NodeID],
    presence: (UnitName) -> Presence
  ) {
    fact = Self.fact(of: error)
    switch error {
    case .plan(.noSurvivor(let chain, _)):
      help = Self.ways(
        toHave: 1,
        of: chain.replicas,
        presence,
        orElse: "'reconfigure lost \(Self.names(of: chain)) --yes' gives up those that are lost"
      )
      rest = ": 'status' tells what keeps them away"
    case .noQuorum:
      help = Self.ways(
        toHave: acceptors.count / 2 + 1,
        of: acceptors,
        presence,
        orElse: "'reconfigure appoint --yes' replaces those that are lost"
      )
      rest = ": 'status' tells what keeps them away"
    case .plan(.noSequencer):
      help = idle.first.map { "'node restart \($0)' brings one back" }
      rest = ": 'node' tells how they are"
    case .plan(.tooFewSpares):
      help = "'node add' makes one"
      rest = ""
    case .unheard, .unfounded, .notSealed, .undecided, .overtaken:
      help = nil
      rest = "; 'reconfigure' tries again"
    case .invalid:
      help = nil
      rest = ""
    }
  }

  /// What is so, and what helps.
  var line: String { fact + (help.map { ": \($0)" } ?? "") }

  /// The same for somebody whose command failed by it.
  var refusal: String { help == nil ? fact + rest : line }

  /// What is told while it is tried again.
  static func news(of error: ReconfigurationError) -> String {
    switch error {
    case .plan, .noQuorum: fact(of: error) + ": 'status' tells what helps"
    case .unheard, .unfounded, .notSealed, .undecided, .overtaken, .invalid: fact(of: error)
    }
  }

  /// What is so, and what helps, for somebody at a shell.
  ///
  /// - Parameter error: Why the layout was not changed.
  /// - Returns: A line that ends with a command.
  public static func atShell(_ error: ReconfigurationError) -> String {
    let fact = fact(of: error)
    return switch error {
    case .plan(.noSurvivor(let chain, _)):
      "\(fact): start one of them; if those disks are lost for good, "
        + "'corfu cluster lost \(names(of: chain)) --sure'"
    case .noQuorum:
      "\(fact): start some; if their disks are lost for good, 'corfu cluster appoint --sure'"
    case .plan(.noSequencer): "\(fact): start one; who is silent tells 'corfu cluster status'"
    case .plan(.tooFewSpares): "\(fact): for each node more 'corfu cluster add HOST:PORT'"
    case .unheard, .unfounded, .notSealed, .undecided, .overtaken, .invalid:
      "\(fact); how it is tells 'corfu cluster status'"
    }
  }

  private static func fact(of error: ReconfigurationError) -> String {
    switch error {
    case .plan(.noSurvivor(let chain, let begin)):
      "no unit of the chain \(chain) answers with its last disk, and it keeps positions from "
        + "\(begin) on"
    case .plan(.noSequencer): "no node is up that could hand out positions"
    case .plan(.tooFewSpares(let wanted, let found)):
      "\(Numbers.count(wanted, "spare is", "spares are")) needed for that, and there are \(found)"
    case .noQuorum(let found, let count):
      "\(found) of \(count) acceptors answer, and more than half must"
    case .unheard, .unfounded, .notSealed, .undecided, .overtaken, .invalid: error.description
    }
  }

  private static func names(of chain: Chain) -> String {
    chain.replicas.map(\.node.description).joined(separator: " ")
  }

  /// How disks come back that do not answer; `nil` if that is said elsewhere.
  ///
  /// To give some up is for where too few are left without them: those that are only cut off or
  /// asleep come back by other means.
  private static func ways(
    toHave needed: Int,
    of disks: [UnitName],
    _ presence: (UnitName) -> Presence,
    orElse lastResort: String
  ) -> String? {
    let down = disks.first { presence($0) == .down }
    let left = disks.count { presence($0) == .there }
    let restart = down.map { "'node restart \($0.node)' brings one back" }
    let ways = [restart, left < needed ? lastResort : nil].compactMap(\.self)
    return ways.isEmpty ? nil : ways.joined(separator: ", ")
  }
}
