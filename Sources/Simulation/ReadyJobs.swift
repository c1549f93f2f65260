/// The jobs that could run now, in no order: which one does is drawn.
struct ReadyJobs {
  private var jobs: [(job: UnownedJob, isPinned: Bool)] = []

  var isEmpty: Bool { jobs.isEmpty }

  mutating func insert(_ job: UnownedJob, isPinned: Bool) {
    jobs.append((job, isPinned))
  }

  /// Takes one by chance, in constant time.
  mutating func take(
    using generator: inout SeededGenerator
  ) -> (job: UnownedJob, isPinned: Bool) {
    let index = generator.number(below: jobs.count)
    jobs.swapAt(index, jobs.count - 1)
    return jobs.removeLast()
  }
}
