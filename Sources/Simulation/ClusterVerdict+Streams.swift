internal import CorfuGlobalLog

// The judge of streams: what a new sequencer was told of them must be true.

extension ClusterVerdict {
  /// Links that lead to no entry of the stream, or leave one out (R12, R31).
  ///
  /// A link may lead to junk, or to what is trimmed by now: its writer was given the position, and
  /// lost it. But between two positions that it names, and before the fourth of four, and anywhere
  /// if it names fewer, there is no entry of the stream. `nil` says nothing, and is always true.
  public func findBadLinks() -> String? {
    guard isHonest else { return nil }
    var members: [Position: Int] = [:]
    for sighting in sightings {
      if case .entry(let number) = sighting.sight { members[sighting.position] = number }
    }
    var entries: [StreamID: [Position]] = [:]
    for (position, number) in members {
      for stream in appends[number].streams { entries[stream, default: []].append(position) }
    }
    for stream in entries.keys { entries[stream]?.sort() }
    for (position, number) in members.sorted(by: { $0.key < $1.key }) {
      let place = ClusterHistory.Place(append: number, position: position)
      guard let links = links[place] else { continue }
      // It may have been the same writer's both times, with other links.
      if cut?.stoodBefore(place) ?? false { continue }
      if links.map(\.stream) != appends[number].streams {
        return "R31: append \(number) belongs to \(appends[number].streams), and \(position) "
          + "says \(links.map(\.stream))"
      }
      for link in links {
        let before = entries[link.stream]?.filter { $0 < position } ?? []
        if let fault = fault(of: link, of: number, at: position, members, before) { return fault }
      }
    }
    return nil
  }

  private func fault(
    of link: StreamLink,
    of number: Int,
    at position: Position,
    _ members: [Position: Int],
    _ before: [Position]
  ) -> String? {
    guard let previous = link.previous else { return nil }
    let chain = [position] + previous
    for (later, earlier) in zip(chain, previous) where earlier >= later {
      return "R31: \(position) leads to \(previous) in stream \(link.stream)"
    }
    for place in previous {
      guard let other = members[place] else { continue }
      if !appends[other].streams.contains(link.stream) {
        return "R31: \(position) leads to \(place) in stream \(link.stream), "
          + "and append \(other) there does not belong to it"
      }
    }
    let isFull = previous.count == StreamLink.backpointersMax
    let begin = isFull ? previous.last ?? .zero : .zero
    for place in before where place >= begin && !previous.contains(place) {
      // Nobody is left who could have told of it.
      if loss?.covers(place) ?? false { continue }
      // It may have been trimmed before the link was made.
      if let since = maybeTrimmedSince.first(of: place),
        since < appends[number].ended ?? .max
      {
        continue
      }
      return "R12: \(position) leads to \(previous) in stream \(link.stream), "
        + "and leaves out \(place)"
    }
    return nil
  }

  /// How many links that are known lead from a reign into one before it, given where reigns began.
  func linksAcross(_ begins: Set<Position>) -> Int {
    var members: [Int: Position] = [:]
    for sighting in sightings {
      if case .entry(let number) = sighting.sight { members[number] = sighting.position }
    }
    let begins = begins.sorted()
    var count = 0
    for (place, links) in links where members[place.append] == place.position {
      // Reigns are few.
      guard let begin = begins.last(where: { $0 <= place.position }) else { continue }
      count += links.count { $0.previous?.contains { $0 < begin } ?? false }
    }
    return count
  }
}
