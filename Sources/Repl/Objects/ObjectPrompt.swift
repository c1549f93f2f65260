import CorfuClient
import CorfuGlobalLog
import CorfuTransactions

/// A session whose clients are programs with objects of their own, from chapter 7 on.
///
/// What can be done with objects is the same wherever the nodes are: the extensions of this have
/// it.
protocol ObjectPrompt: ReplSession {
  /// The log as one of the programs sees it.
  associatedtype Prompted: StreamingLog
  typealias Program = PromptedProgram<Prompted>

  /// Whether there are objects at all.
  var hasObjects: Bool { get }

  /// Everybody's name, the dead included: entries outlive who wrote them.
  var clientNames: [ClientID: String] { get }

  /// Who there is, in the order in which they came.
  var programs: [(name: String, program: Program)] { get }

  /// The name of the one in use.
  var nameInUse: String { get }

  /// Whether messages are drawn.
  var drawsMessages: Bool { get nonmutating set }

  /// The session in use.
  func program() throws(ReplError) -> (who: String, program: Program)

  /// Goes on as a session, and makes it if it is new.
  func goOn(as name: String) throws(ReplError)

  /// Does something until it is done; `nil` if the client that does it ends before.
  func untilEnd<Value: Sendable>(
    of name: String,
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value?
}
