import CorfuSimulation
let args = CommandLine.arguments
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
