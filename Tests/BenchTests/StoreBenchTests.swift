import Foundation
import Testing

@testable import CorfuBench

// Goal: every workload runs and counts.
// Method: `corfu bench store` with tiny sizes; no figure is judged.

@Test("The whole benchmark runs, measures something everywhere, and leaves nothing behind")
func smoke() async throws {
  let parent = FileManager.default.temporaryDirectory.path
  var sizes = StoreBench.Sizes()
  sizes.readBytes = 1 << 20
  sizes.streamBytes = 1 << 20
  sizes.reopenEntries = 3000
  sizes.outstanding = [1, 3]
  sizes.racers = [1, 2]
  let (path, report) = try await BenchFolder.with(in: parent) { folder in
    let rounds = Rounds(count: 2, duration: .milliseconds(20))
    return (folder.path, try await StoreBench(in: folder, rounds: rounds, sizes: sizes).run())
  }
  #expect(!FileManager.default.fileExists(atPath: path))
  #expect(report.sections.count == 7)
  for figure in report.figures where figure.unit != .number && figure.unit != .bytes {
    #expect(figure.value > 0 && figure.value.isFinite, "\(figure)")
  }
}

@Test("The sequencer's benchmark runs, measures something everywhere, and leaves nothing behind")
func sequencerSmoke() async throws {
  // A parent of its own: the other benchmark's folder has the same name.
  let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  defer { _ = rmdir(parent) }
  let (path, report) = try await BenchFolder.with(in: parent) { folder in
    let rounds = Rounds(count: 2, duration: .milliseconds(20))
    return (
      folder.path, try await SequencerBench(in: folder, rounds: rounds, clients: [1, 3]).run()
    )
  }
  #expect(!FileManager.default.fileExists(atPath: path))
  #expect(report.sections.map(\.figures.count) == [5, 6])
  for figure in report.figures where figure.unit != .number {
    #expect(figure.value > 0 && figure.value.isFinite, "\(figure)")
  }
}

@Test("The trials take turns, forwards and backwards, after a warm-up each")
func rounds() async throws {
  let clock = Trials()
  let trials = ["a", "b"].map { name in
    Trial(name) { duration in
      await clock.note(name)
      return Measurement(operations: 1, bytes: 0, duration: duration)
    }
  }
  let series = try await Rounds(count: 3, duration: .seconds(3)).run(trials)
  #expect(await clock.names == ["a", "b", "a", "b", "b", "a", "a", "b"])
  #expect(series.map(\.measurements.count) == [3, 3])
  #expect(series[0].measurements.map(\.duration) == [.seconds(1), .seconds(1), .seconds(1)])
}

private actor Trials {
  private(set) var names: [String] = []

  func note(_ name: String) { names.append(name) }
}

@Test("The file system is that of the nearest mount above")
func fileSystem() {
  let mounts = """
    rootfs / rootfs rw 0 0
    /dev/vda / ext4 rw 0 0
    none /tmp tmpfs rw 0 0
    """
  #expect(Machine.fileSystem(at: "/tmp/x", mounts: mounts) == "tmpfs")
  #expect(Machine.fileSystem(at: "/tmpx", mounts: mounts) == "ext4")
  #expect(Machine.fileSystem(at: "/", mounts: mounts) == "ext4")
}

@Test("The fill benchmark runs, measures something everywhere, and leaves nothing behind")
func fillSmoke() async throws {
  let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  defer { _ = rmdir(parent) }
  var sizes = FillBench.Sizes()
  sizes.clients = [1, 3]
  sizes.stripes = 1
  let (path, report) = try await BenchFolder.with(in: parent) { folder in
    let rounds = Rounds(count: 1, duration: .milliseconds(20))
    return (folder.path, try await FillBench(in: folder, rounds: rounds, sizes: sizes).run())
  }
  #expect(!FileManager.default.fileExists(atPath: path))
  #expect(report.sections.count == 3 && report.figures.count == 6)
  for figure in report.figures {
    #expect(figure.value > 0 && figure.value.isFinite, "\(figure)")
  }
}
