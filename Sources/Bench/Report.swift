/// What a benchmark has to say.
public struct Report: Hashable, Sendable {
  /// The benchmark's name, as it is called by.
  public var name: String
  /// What it ran on.
  public var machine: Machine
  /// What a reader must know to judge the figures.
  public var notes: [String] = []
  /// The figures.
  public var sections: [Section] = []
  /// What happened when processes were killed, in order.
  public var timelines: [Timeline] = []
  /// Pictures of the figures.
  public var plots: [Plot] = []

  /// Figures that belong together.
  public struct Section: Hashable, Sendable {
    /// What they are about.
    public var title: String
    /// The figures, in order.
    public var figures: [Figure]

    /// A section.
    public init(_ title: String, _ figures: [Figure]) {
      self.title = title
      self.figures = figures
    }
  }

  /// A picture of some figures.
  public struct Plot: Hashable, Sendable {
    /// Its file's name, without `.svg`.
    public var name: String
    /// What is in it.
    public var drawing: LinePlot

    /// A picture.
    public init(_ name: String, _ drawing: LinePlot) {
      self.name = name
      self.drawing = drawing
    }
  }

  /// An empty report.
  public init(name: String, machine: Machine) {
    self.name = name
    self.machine = machine
  }

  /// All figures, in order.
  public var figures: [Figure] { sections.flatMap(\.figures) }

  /// How many figures have this verdict.
  public func count(of verdict: Verdict) -> Int {
    figures.count { $0.verdict == verdict }
  }
}
