import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuStripeMirror

extension FactTable {
  /// What is copied to whom, and how far.
  ///
  /// - Parameters:
  ///   - tasks: What is to be copied.
  ///   - next: Before which position everything is copied; `nil` if nobody is at it.
  init(copying tasks: [RebuildTask], until next: (RebuildTask) -> Position?) {
    self.init(
      of: "unit",
      tasks.map { task in
        Row(
          "\(task.newcomer.node)",
          [
            Fact("is given", .text(LayoutWords.part(task))),
            Fact("from", .text(task.chain.replicas.last.map { "\($0.node)" } ?? "")),
            Fact("copied before", next(task).map { .position($0) } ?? .text("waits")),
          ]
        )
      }
    )
  }
}
