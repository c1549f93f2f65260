internal import CorfuClient
internal import CorfuGlobalLog
internal import Synchronization

// Stage 7: clients are processes with objects.

extension ClusterRun {
  /// A process with objects over a client, in stage 7.
  func process(
    _ name: String,
    _ client: ClusterClient,
    _ nodes: ClusterNodes,
    _ random: inout SeededGenerator
  ) -> ObjectProcess? {
    guard let objects else { return nil }
    let process = ObjectProcess(client, history: objects, nodes: nodes, random: random.split())
    state.withLock { $0.processes[name] = process }
    return process
  }

  /// All processes that are still there, and one that has just begun, have the same objects, which
  /// go on.
  func proveObjects(by client: ClusterClient, _ nodes: ClusterNodes) async {
    guard objects != nil else { return }
    var random = split()
    let fresh = process("the last client", client, nodes, &random)
    let processes = state.withLock { $0.processes }.sorted { $0.key < $1.key }.map(\.value)
    for process in processes { await process.lookAtAll() }
    await fresh?.transfer()
    await fresh?.count()
    for process in processes { await process.lookAtAll() }
  }

  /// What was wrong with objects.
  func judge(_ objects: ObjectHistory) -> String? {
    for life in objects.lives {
      let verdict = ObjectVerdict(on: life, writesMax: configuration.writesMax)
      if let violation = verdict.violation { return violation }
    }
    return nil
  }

  /// What must have been seen in many seeds of a stage, if they are to say anything.
  public static func probesNeeded(in stage: Int) -> [String] {
    let alwaysNeeded = [
      "call timed out", "carried", "closed", "dropped", "entry completed", "entry followed",
      "failed", "gateChanged", "hole filled", "layout adopted", "message came late",
      "message was overtaken", "node unreachable", "opened", "outcome resolved", "position lost",
      "retired", "scrubbed", "spaceBack", "spaceShort", "streams told",
    ]
    // Objects trim what lies before their checkpoints: hardly a segment of theirs is worth copying.
    let ofStores = ["rewritten", "tornTail"]
    if stage < 6 { return alwaysNeeded + ofStores + ["repaired", "rotFound"] }
    let healing = [
      "chain joined", "disk reset", "layout changed", "node suspected", "rebuild begun",
    ]
    if stage < 7 { return alwaysNeeded + ofStores + healing }
    return alwaysNeeded + healing + [
      "abort: conflict", "abort: forgotten", "abort: lost", "abort: new sequencer",
      "abort: too old", "batch to a stream", "began anew", "blind write", "body threw",
      "checkpoint", "commit", "comparison", "deal with all", "entry of several streams",
      "indefinite commit", "outcome", "peek", "pop", "read", "read-only transaction", "reopened",
      "rollback", "second try", "stream read", "time travel", "time travel too far",
      "transaction", "trim that goes on",
    ]
  }
}
