import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

extension ClusterAnswer {
  /// What is copied to whom, and how far.
  ///
  /// - Parameters:
  ///   - tasks: What is to be copied.
  ///   - copies: What monitors are at.
  ///   - lacking: What stands on too few units, in words.
  /// - Returns: A row for each task, or why there is none.
  static func copies(
    of tasks: [RebuildTask],
    _ copies: [CopyUnderWay],
    lacking: [String]
  ) -> ClusterAnswer {
    if tasks.isEmpty {
      return .told(
        lacking.isEmpty
          ? "every position is on as many units as it should be: there is nothing to copy"
          : "nothing can be copied now: \(lacking.joined(separator: "; "))",
        []
      )
    }
    let rows = tasks.map { task in
      let copy = copies.first { $0.begin == task.begin && $0.newcomer == task.newcomer }
      return FactTable.Row(
        "\(task.newcomer.node)",
        [
          Fact("is given", .text(LayoutWords.part(task))),
          Fact("from", .text(task.chain.replicas.last.map { "\($0.node)" } ?? "")),
          Fact("copied before", (copy?.next).map { .position($0) } ?? .text("waits")),
        ]
      )
    }
    return .table(FactTable(of: "unit", rows))
  }
}
