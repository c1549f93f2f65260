internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

// Layouts as anybody is told of them, and those that only an operator can bring about.

extension ClusterRun {
  /// The operator who goes against the rules; `nil` where none will have to.
  var overrides: ClusterOverrides? { state.withLock { $0.overrides } }

  /// Has an operator ready, where the seed will need one.
  func prepareOverrides(of troubles: ClusterTroubles, _ monitors: ClusterMonitors?) {
    guard let plan = configuration.overrides, let monitors else { return }
    let overrides = ClusterOverrides(plan, troubles, monitors, course: course)
    state.withLock { $0.overrides = overrides }
  }

  /// Notes up to where positions were handed out and somebody has heard so: nothing stands behind
  /// that.
  func noteIssued(_ reply: Reply) {
    if configuration.overrides == nil { return }
    var end = Position.zero
    if case .token(let token) = reply { end = token.positions.upperBound }
    if case .grants(let grants) = reply {
      for case .token(let token) in grants { end = max(end, token.positions.upperBound) }
    }
    let issued = end
    state.withLock { $0.issued = max($0.issued, issued) }
  }

  /// Notes what a unit is asked of positions, where somebody may be judged by the answer.
  func noteAsked(_ number: UInt64, _ request: Request) {
    guard configuration.overrides != nil, request.isOfPositions else { return }
    state.withLock { $0.questions[number] = request }
  }

  /// Notes what a unit says of positions, and in which epoch.
  func noteShown(_ number: UInt64, _ reply: Reply) {
    guard configuration.overrides != nil,
      let request = state.withLock({ $0.questions.removeValue(forKey: number) })
    else { return }
    if case .write(let write) = request, case .written(let answers) = reply {
      for (value, answer) in zip(write.values, answers) {
        let slot: Slot
        switch answer {
        case .written: slot = value.value
        case .taken(let other): slot = other
        case .refused: continue
        }
        history.showed(slot, at: value.position, in: write.layout.epoch)
      }
    }
    if case .read(let read) = request, case .slots(let slots) = reply {
      for (position, slot) in zip(read.positions, slots) {
        if case .success(let slot) = slot {
          history.showed(slot, at: position, in: read.layout.epoch)
        }
      }
    }
  }

  /// A layout that somebody tells others of is the one that its epoch has, and goes on from the one
  /// before by the rules, or by an operator's word (R24, R26, R27).
  func proveDecided(_ layout: Layout) {
    // Two hands may disagree: nobody votes.
    if !configuration.isVoted { return }
    guard let news = course.hear(layout) else { return }
    if let violation = news.violation { return history.fail(violation) }
    if news.isAppointed { probe("acceptors appointed") }
    if news.losses.isEmpty && !news.isCut { return }
    probe("positions given up")
    // The sequencer was not heard, and what is left of the log is shorter than what was handed out.
    let isShort = state.withLock { $0.issued } > layout.firstTail && !news.beyond.isEmpty
    if isShort {
      probe("end of a lost chain unknown")
      guard news.isCut else {
        return history.fail(
          "R24: epoch \(layout.epoch) begins at \(layout.firstTail), and says nothing"
        )
      }
    }
    // Of objects all is lost, or nothing. Nothing may stand behind the first tail, and all before
    // it is told to be lost; or the tail is zero, and nobody can tell of anything.
    if isShort || !news.losses.isEmpty {
      objects?.beginAnew(in: layout.epoch, endsPrograms: !news.losses.isEmpty)
    }
    history.note(
      ClusterLoss(
        epoch: layout.epoch,
        ranges: news.losses,
        beyond: isShort ? news.beyond : [],
        cut: isShort ? layout.firstTail : nil,
        witnessed: news.witnessed
      )
    )
  }
}

extension Request {
  /// Whether the answer says what stands at positions.
  fileprivate var isOfPositions: Bool {
    if case .write = self { return true }
    if case .read = self { return true }
    return false
  }
}
