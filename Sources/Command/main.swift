import CorfuGlobalLog
import CorfuSimulation
let args = CommandLine.arguments
if args[1] == "rot" {
  let step = Int(args[2])!
  for ending in RotSweep.Ending.allCases {
    let sweep = try RotSweep(ending: ending, bytes: 64 << 10, seed: 7)
    for kind in RotSweep.Kind.allCases {
      print(ending, kind, try sweep.run(sweep.damages(kind, step: step)))
    }
  }
} else if args[1] == "inject" {
  for call in [DiskCall.write, .sync, .truncate, .create, .rename, .remove, .syncFolder] {
    for effect in [SimulatedDevice.Effect.error(.failed("injected")), .powerCut, .kill] {
      var n = 0
      var missed = 0
      for seed in UInt64(1)...UInt64(args[2])! {
        var number = 1
        while true {
          let outcome = StoreRun.run(seed: seed, injecting: .init(effect, at: number, of: call))
          if let failure = outcome.failure { print(seed, effect, call, number, failure);  for e in outcome.events { print("   ", e) }; break }
          n += 1
          if outcome.probes["missed"] != nil { missed += 1; break }
          number += 1
        }
      }
      print(call, effect, n, "missed", missed)
    }
  }
} else {
let from = UInt64(args[1])!, n = UInt64(args[2])!
var acked = 0
var probes: [String: Int] = [:]
var faults = 0
for seed in from..<from + n {
  let outcome = StoreRun.run(seed: seed)
  if n < 5 || outcome.failure != nil {
    print("seed", seed, outcome.configuration, "acked", outcome.acknowledged, "fp", outcome.fingerprint, outcome.failure ?? "ok")
  }
  if outcome.failure != nil { for e in outcome.events { print("   ", e) } ; break }
  acked += outcome.acknowledged
  faults += outcome.counts.faultTotal
  for (k, v) in outcome.probes { probes[k, default: 0] += v }
}
print("acked", acked, "faults", faults, probes.sorted { $0.key < $1.key })
}
