// Goal: two clients on one position of a chain never make two values of it, and nothing that
// anybody was told is lost, whoever of them dies and whichever replicas are left (R14, R15, R18,
// R20). Method: every order of their requests, over chains of one to three replicas, with and
// without a client's death before each request; then every set of survivors is asked.
import CorfuSimulation
import CorfuStripeMirror
import Testing

@testable import CorfuChecks

/// Every scene of two clients.
let scenes: [ChainScene] = {
  let casts: [[ChainScene.Role]] = [
    [.writer, .writer], [.writer, .reader], [.writer, .filler], [.writer, .trimmer],
    [.reader, .reader], [.reader, .trimmer], [.filler, .reader], [.filler, .trimmer],
  ]
  var scenes: [ChainScene] = []
  for replicas in 1...3 {
    for roles in casts {
      for orphaned in 0..<replicas {
        for halfTrimmed in 0...orphaned where halfTrimmed == 0 || orphaned > 0 {
          var scene = ChainScene(replicas: replicas, roles: roles)
          scene.orphaned = orphaned
          scene.halfTrimmed = halfTrimmed
          scenes.append(scene)
        }
      }
    }
  }
  return scenes
}()

/// Plays a scene in every way.
///
/// Returns the first failure, and how many ways there were.
func playAll<Writer: ChainWriting, Reader: ChainReading>(
  _ scene: ChainScene,
  _ writer: Writer.Type,
  _ reader: Reader.Type
) -> (failure: CheckFailure?, runs: Int) {
  var runs = 0
  do throws(CheckFailure) {
    try Choices.all { (choices) throws(CheckFailure) in
      runs += 1
      try scene.play(writer, reader, &choices).judge()
    }
    return (nil, runs)
  } catch {
    return (error, runs)
  }
}

@Suite struct ChainSceneTests {
  @Test(arguments: scenes.indices, [false, true])
  func everyOrderEndsWell(index: Int, clientsDie: Bool) {
    var scene = scenes[index]
    scene.clientsDie = clientsDie
    let (failure, runs) = playAll(scene, ChainWriter.self, ChainReader.self)
    #expect(failure == nil, "\(scene)")
    #expect(runs > 1, "\(scene)")
  }

  /// Answers get lost and replicas die: what a writer is told of its value is true.
  @Test(arguments: 2...3, [ChainScene.Role.writer, .reader, .filler])
  func everyFailureIsTold(replicas: Int, role: ChainScene.Role) {
    var scene = ChainScene(replicas: replicas, roles: [.writer, role])
    scene.replicasFail = true
    let (failure, runs) = playAll(scene, ChainWriter.self, ChainReader.self)
    #expect(failure == nil, "\(scene)")
    #expect(runs > 10, "\(scene)")
  }

  @Test(arguments: WrongChain.allCases)
  func wrongChainsAreCaught(wrong: WrongChain) {
    var findings: [String] = []
    for scene in scenes where findings.isEmpty {
      if let failure = wrong.play(scene) { findings.append(failure.finding) }
    }
    if wrong.isSilentHere {
      #expect(findings.isEmpty, "\(wrong)")
    } else {
      #expect(!findings.isEmpty, "\(wrong) was not found")
    }
  }
}
