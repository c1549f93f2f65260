// Goal: the cluster's simulation says the same twice, and stays clean. Method: a few seeds in this
// build; many more run in the release build (`corfu simulate cluster`).
import CorfuSimulation
import Testing

struct ClusterRunTests {
  @Test("A seed of a cluster tells the same story twice", arguments: 1...3 as ClosedRange<UInt64>)
  func deterministic(seed: UInt64) {
    let first = ClusterRun.run(seed: seed, narrates: true)
    let second = ClusterRun.run(seed: seed, narrates: true)
    #expect(first.fingerprint == second.fingerprint)
    #expect(first.events == second.events)
    #expect(first.acknowledged == second.acknowledged)
    #expect(first.failure == nil)
    #expect(first.acknowledged > 100)
  }

  @Test("Who only listens does not change what happens")
  func narrating() {
    let told = ClusterRun.run(seed: 4, narrates: true)
    let untold = ClusterRun.run(seed: 4)
    #expect(told.acknowledged == untold.acknowledged)
    #expect(told.faults == untold.faults)
  }
}
