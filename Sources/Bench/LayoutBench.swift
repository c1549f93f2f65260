internal import CorfuStripeMirror

/// `corfu bench layouts`: how many bytes a layout takes.
///
/// Every node keeps it, and every client may be sent it. Pure: the figures are the same on every
/// machine.
public struct LayoutBench: Sendable {
  private let onStep: @Sendable (String) -> Void

  /// A benchmark.
  ///
  /// - Parameter onStep: Hears what is computed.
  public init(onStep: @escaping @Sendable (String) -> Void = { _ in }) {
    self.onStep = onStep
  }

  /// How many units of 2 replicas a typical cluster here has, in chains.
  private static let stripes = 4

  /// Computes everything and reports.
  public func run() throws -> Report {
    var report = Report(name: "layouts", machine: .current(filesAt: "."))
    report.notes = [
      "bytes of encoded layouts; 1 TB of live entries of 4 KiB, chains of 2; no clock is involved"
    ]
    report.sections = [fresh(), try lives(), remapped(), halved()]
    return report
  }

  private func fresh() -> Report.Section {
    let models = [
      LayoutModel(stripes: 2), LayoutModel(stripes: 4), LayoutModel(stripes: 16),
      LayoutModel(stripes: 64, replicas: 3, spares: 8),
    ]
    return Report.Section(
      "A new cluster",
      models.map { model in
        let units = model.stripes * model.replicas
        let spares = model.spares == 1 ? "1 spare" : "\(model.spares) spares"
        let name = "\(units) units in chains of \(model.replicas), \(spares)"
        return figure(name, model.fresh())
      }
    )
  }

  private func lives() throws -> Report.Section {
    let model = LayoutModel(stripes: Self.stripes)
    var figures: [Figure] = []
    for gigabytes in [100, 10, 1] {
      onStep("a unit dies every \(gigabytes) GB")
      let layout = try model.life(failingEvery: gigabytes * 1_000_000_000, isRebuilt: true)
      figures.append(figure("a unit dies every \(gigabytes) GB, rebuilt", layout))
    }
    for gigabytes in [100, 10] {
      let layout = try model.life(failingEvery: gigabytes * 1_000_000_000, isRebuilt: false)
      figures.append(figure("a unit dies every \(gigabytes) GB, never rebuilt", layout))
    }
    return Report.Section("1 TB on \(2 * Self.stripes) units that die", figures)
  }

  private func remapped() -> Report.Section {
    let model = LayoutModel(stripes: Self.stripes)
    return Report.Section(
      "1 TB, every range moved between two sets of \(2 * Self.stripes) units",
      [1 << 30, 256 << 20].map { bytes in
        onStep("ranges of \(Unit.bytes.text(Double(bytes)))")
        let layout = model.remapped(rangeBytes: bytes, sets: 2, isHalved: false)
        return figure("ranges of \(Unit.grouped(bytes >> 20)) MiB", layout)
          .within(.value(atMost: 100_000))
      }
    )
  }

  private func halved() -> Report.Section {
    let model = LayoutModel(stripes: Self.stripes)
    return Report.Section(
      "1 TB, every other position trimmed between two compactions, no neighbours together",
      [1 << 30, 64 << 20, 8 << 20].map { bytes in
        onStep("every other position, ranges of \(Unit.bytes.text(Double(bytes)))")
        let layout = model.remapped(rangeBytes: bytes, sets: 8, isHalved: true)
        return figure("ranges of \(Unit.grouped(bytes >> 20)) MiB", layout)
          .within(.value(atMost: 25_000_000))
      }
    )
  }

  private func figure(_ name: String, _ layout: Layout) -> Figure {
    let spans = layout.spans.count
    let text = spans == 1 ? "1 span" : "\(Unit.grouped(spans)) spans"
    return Figure("\(name): \(text)", Double(layout.encoded().count), .bytes)
  }
}
