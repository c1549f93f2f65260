// Goal: writers, fillers, trimmers and readers of one position never make two values of it, lose
// what was acknowledged, or bring back what was trimmed. Method: every order in which the messages
// of two clients arrive, over chains of one to three units; then the death of a client, or a lost
// reply, at every message; then with somebody who seals the epoch meanwhile.
import CorfuSimulation
import Testing

private let pairs: [[PositionScene.Role]] = [
  [.writer, .writer], [.writer, .filler], [.writer, .trimmer], [.writer, .reader],
  [.filler, .filler], [.filler, .trimmer], [.filler, .reader], [.trimmer, .reader],
  [.trimmer, .trimmer],
]

/// Plays a scene in every way, until one ends badly.
private func playAll(_ scene: PositionScene) -> (failure: String?, runs: Int) {
  var failure: String?
  var runs = 0
  Choices.all { choices in
    // After a failure no choice is made, and so none is left.
    if failure != nil { return }
    runs += 1
    failure = scene.play(&choices)
  }
  return (failure, runs)
}

/// Plays a scene in some ways, drawn by chance.
private func playSome(_ scene: PositionScene, _ count: Int) -> String? {
  var random = SeededGenerator(seed: 5)
  for _ in 0..<count {
    var choices = Choices(drawnBy: random.split())
    if let failure = scene.play(&choices) { return failure }
  }
  return nil
}

struct PositionSceneTests {
  @Test(
    "R1, R14, R15, R17, R18, R20: every order of two clients' messages",
    arguments: 1...2,
    pairs
  )
  func races(units: Int, roles: [PositionScene.Role]) {
    let scene = PositionScene(units: units, roles: roles)
    let (failure, runs) = playAll(scene)
    #expect(failure == nil, "\(scene)")
    #expect(runs > 1)
  }

  @Test("R14, R15: every order of two clients' messages over three units", arguments: pairs)
  func longRaces(roles: [PositionScene.Role]) {
    let scene = PositionScene(units: 3, roles: roles)
    if roles.contains(.reader) {
      // A reader reads twice: too many ways to try all of them each time.
      #expect(playSome(scene, 2000) == nil, "\(scene)")
    } else {
      #expect(playAll(scene).failure == nil, "\(scene)")
    }
  }

  @Test("R16: a client dies, or a reply is lost, at every message", arguments: pairs)
  func mishaps(roles: [PositionScene.Role]) {
    let short = PositionScene(units: 1, roles: roles, mishapsMax: 2)
    #expect(playAll(short).failure == nil, "\(short)")
    for units in 2...3 {
      let long = PositionScene(units: units, roles: roles, mishapsMax: 2)
      #expect(playSome(long, 1500) == nil, "\(long)")
    }
  }

  @Test("R3, R4, R16: a seal in the middle of two clients' messages", arguments: pairs)
  func sealed(roles: [PositionScene.Role]) {
    for units in 1...3 {
      let scene = PositionScene(units: units, roles: roles, isSealed: true, mishapsMax: 1)
      #expect(playSome(scene, 1000) == nil, "\(scene)")
    }
  }

  @Test(
    "R4, R16: a seal at every moment, and a client that dies or hears nothing at any of them",
    arguments: 1...2,
    [.writer, .filler, .trimmer, .reader] as [PositionScene.Role]
  )
  func sealedMishaps(units: Int, role: PositionScene.Role) {
    let scene = PositionScene(units: units, roles: [role], isSealed: true, mishapsMax: 1)
    let (failure, runs) = playAll(scene)
    #expect(failure == nil, "\(scene)")
    #expect(runs > 5)
  }
}
