/// `corfu bench stripes`: what more disks bring, in virtual time on simulated disks.
public struct StripeBench: Sendable {
  /// How many stripes are tried, from one on.
  public static let stripes = [1, 2, 4, 8]
  /// How many clients work at once.
  public static let clients = [1, 16, 256]
  /// How many disks entries are spread over for the plot.
  public static let disks = [1, 2, 4, 8, 16, 32]

  private let duration: Duration
  private let onStep: @Sendable (String) -> Void

  /// A benchmark.
  ///
  /// - Parameters:
  ///   - duration: How much virtual time each run takes.
  ///   - onStep: Hears what is run.
  public init(
    duration: Duration = .milliseconds(500),
    onStep: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.duration = duration
    self.onStep = onStep
  }

  /// Measures everything and reports.
  public func run() throws -> Report {
    var report = Report(name: "stripes", machine: .current(filesAt: "."))
    let speed = DiskSpeed()
    report.notes.append(
      "virtual time: simulated disks that move "
        + "\(Unit.bytesPerSecond.text(Double(speed.bytesPerSecond))) "
        + "and take \(Unit.seconds.text(speed.access.seconds)) for each access besides"
    )
    report.notes.append(
      "entries of 4 KiB, 2 replicas; the sequencer and the network take no time here"
    )
    report.sections.append(try scaling(.append, "Appends over stripes, 4 KiB (chapter 3)"))
    report.sections.append(try scaling(.read, "Reads over stripes, 4 KiB"))
    report.sections.append(try placements())
    return report
  }

  private func scaling(
    _ kind: StripedWorkload.Kind,
    _ title: String
  ) throws -> Report.Section {
    var figures: [Figure] = []
    for clients in Self.clients {
      var alone: Double?
      for stripes in Self.stripes {
        onStep("\(title): \(clients) clients, \(stripes) stripes")
        let workload = StripedWorkload(stripes: stripes, clients: clients)
        let rate = try workload.run(kind, for: duration).operationsPerSecond
        let base = alone ?? rate
        alone = base
        let name = clients == 1 ? "1 client" : "\(clients) clients"
        let width = stripes == 1 ? "1 stripe" : "\(stripes) stripes"
        var figure = Figure("\(name), \(width)", rate, .perSecond)
        // A few clients cannot keep many disks busy, however they are laid out.
        let isFull = clients == Self.clients.last
        figure = figure.against(
          "1 stripe",
          ratio: rate / base,
          budget: isFull ? .ratio(atLeast: 0.9 * Double(stripes)) : nil
        )
        figures.append(figure)
      }
    }
    return Report.Section(title, figures)
  }

  private func placements() throws -> Report.Section {
    var figures: [Figure] = []
    for disks in [8, 32] {
      for clients in [disks, 4 * disks] {
        var turns = 0.0
        for placement in PlacementModel.Placement.allCases {
          onStep("\(disks) disks, \(placement.name)")
          let model = PlacementModel(placement: placement, disks: disks, clients: clients)
          let busy = try model.busyDisks(for: duration)
          if placement == .turns { turns = busy }
          figures.append(
            Figure("\(disks) disks, \(clients) clients, \(placement.name): busy", busy, .number)
              .against("in turns", ratio: busy / turns)
          )
        }
      }
    }
    return Report.Section("Which disk gets the next entry", figures)
  }

  /// The plot for chapter 3: how many disks are busy, of how many, if each has one client.
  public func plot() throws -> LinePlot {
    var lines: [LinePlot.Line] = []
    for placement in PlacementModel.Placement.allCases {
      lines.append(
        LinePlot.Line(
          placement.name,
          try Self.disks.map { disks in
            onStep("\(disks) disks, \(placement.name)")
            let model = PlacementModel(placement: placement, disks: disks, clients: disks)
            return try model.busyDisks(for: duration) / Double(disks) * 100
          }
        )
      )
    }
    return LinePlot(
      title: "As many clients as disks: how many disks are busy?",
      xTitle: "disks, and clients",
      xLabels: Self.disks.map(String.init),
      yTitle: "busy disks, in percent",
      yMax: 100,
      lines: lines
    )
  }
}
