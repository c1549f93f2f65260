internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror

// What was given up: before anybody is told that something is lost, and before it is filled and
// copied, the trims are finished that whoever stands in for the lost chain has not heard of (R24).

extension Client {
  /// Finishes, in an epoch, the prefix trims of what was given up, as far as units have heard of
  /// them; once per epoch.
  ///
  /// Whoever stops in the midst of it leaves a prefix trim half-done, as any client may, and the
  /// next one begins anew with what the units say then.
  func finishTrims(in known: KnownLayout) async throws(Obstacle) {
    if hasFinishedTrims(in: known) { return }
    let trims = try await toldTrims(in: known)
    for trim in trims.unfinished {
      // No tail is asked for: nothing was given up that had not been handed out.
      try await trimPrefix(before: trim.mark, on: trim.chain, known)
    }
    noteFinishedTrims(in: known)
  }

  /// What all units that answer call trimmed.
  private func toldTrims(in known: KnownLayout) async throws(Obstacle) -> ToldTrims {
    let range = Position.zero..<known.layout.lossEnd
    typealias Told = Result<[Range<Position>], Obstacle>
    var told: [UnitName: [Range<Position>]] = [:]
    var obstacle = Obstacle.silent("no unit tells what is trimmed")
    await withTaskGroup(of: (UnitName, Told).self) { group in
      for unit in known.layout.units {
        group.addTask { (unit, await self.trims(in: range, of: unit, known)) }
      }
      for await (unit, answer) in group {
        switch answer {
        case .success(let ranges): told[unit] = ranges
        case .failure(let reason): obstacle = reason
        }
      }
    }
    let trims = ToldTrims(in: known.layout, told: told)
    // Who says now that something is lost may be wrong: ask again.
    if !trims.isConclusive { throw obstacle }
    return trims
  }

  private func trims(
    in range: Range<Position>,
    of unit: UnitName,
    _ known: KnownLayout
  ) async -> Result<[Range<Position>], Obstacle> {
    let request = Request.trims(TrimsRequest(layout: known.id, range: range))
    let reply: Reply
    do {
      reply = try await network.call(request, to: unit.node, patience: limits.callPatience)
    } catch {
      return .failure(.silent("the unit \(unit.node) does not answer"))
    }
    if case .trims(let ranges) = reply { return .success(ranges) }
    if case .refused(.epoch(let refusal)) = reply {
      return .failure(.wrongEpoch(unit.node, refusal))
    }
    if case .refused(.tooLarge) = reply {
      // So many single positions are trimmed: what is trimmed as a prefix is asked for alone.
      do throws(Obstacle) {
        let mark = try await trimMark(of: unit)
        return .success([range.clamped(to: .zero..<mark)])
      } catch {
        return .failure(error)
      }
    }
    return .failure(.silent("the unit \(unit.node) does not tell what is trimmed"))
  }
}
