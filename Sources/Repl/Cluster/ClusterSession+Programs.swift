import CorfuGlobalLog
import CorfuTransactions

// Objects at the prompt of a cluster in this process.

extension ClusterSession: ObjectPrompt {
  var hasObjects: Bool { opened.value.objects != nil }

  var clientNames: [ClientID: String] { opened.value.names }

  var programs: [(name: String, program: PromptedProgram<Prompted>)] {
    opened.value.members.compactMap { member in member.program.map { (member.name, $0) } }
  }

  var nameInUse: String { opened.value.current }

  var drawsMessages: Bool {
    get { recorder.isOn }
    set { recorder.isOn = newValue }
  }

  func program() throws(ReplError) -> (who: String, program: PromptedProgram<Prompted>) {
    if let outage = opened.value.outage { throw .log(outage) }
    guard let member = opened.value.member, let program = member.program else {
      throw .log(.closed)
    }
    return (member.name, program)
  }

  func goOn(as name: String) throws(ReplError) {
    let now = opened.value
    if now.members.contains(where: { $0.name == name }) {
      return opened.update { $0.current = name }
    }
    if !now.isFree(name) { throw .refused("the name '\(name)' is taken: choose another") }
    var next = now
    try next.addClient(name, of: host, limits)
    let added = next
    opened.update { $0 = added }
  }

  func untilEnd<Value: Sendable>(
    of name: String,
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value? {
    guard let member = opened.value.members.first(where: { $0.name == name }) else { return nil }
    return try await untilDeath(of: member, body)
  }
}
