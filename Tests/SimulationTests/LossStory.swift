import CorfuGlobalLog
@testable import CorfuSimulation
import CorfuStripeMirror

/// A small history of a log of which something was given up: epoch 5 has given up the odd positions
/// before 10.
final class LossStory {
  let history = ClusterHistory()
  let client = ClientID(high: 1, low: 2)

  init(beyond: Bool = false) {
    let range = Position.zero..<Position(10)
    var loss = ClusterLoss(
      epoch: Epoch(5),
      ranges: [LostRange(range: range, stripes: 2, stripe: 1)],
      witnessed: [.zero..<Position(6)]
    )
    if beyond {
      let end = range.upperBound..<Position.max
      loss.beyond = [LostRange(range: end, stripes: 2, stripe: 1)]
      loss.cut = range.upperBound
    }
    history.note(loss)
  }

  /// What the judge says of a story.
  static func verdict(beyond: Bool = false, _ tell: (LossStory) -> Void) -> String? {
    let story = LossStory(beyond: beyond)
    tell(story)
    return ClusterVerdict(on: story.history).violation
  }

  /// Appends an entry in an epoch; `nil` for a place if nobody hears of it.
  ///
  /// If it is another epoch by the time of the acknowledgement, a unit has said so.
  @discardableResult
  func append(
    at position: UInt64?,
    in epoch: UInt64 = 4,
    acknowledgedIn last: UInt64? = nil
  ) -> Slot {
    let (number, payload) = history.begin(
      appendBy: client,
      byteCount: 12,
      at: history.moment(),
      from: Epoch(epoch)
    )
    let mark = EntryMark(client: client, sequence: UInt64(number))
    let slot = Slot.data(Entry(mark: mark, payload: payload))
    if let position {
      let place = Position(position)
      if let last { history.showed(slot, at: place, in: Epoch(last)) }
      history.end(append: number, .stands(place))
    }
    return slot
  }

  /// Follows the log, and is given some entries.
  func follow(_ items: [(UInt64, Slot)], in epoch: UInt64 = 4) {
    let number = history.begin(
      subscriptionFrom: Position(items.first?.0 ?? 0),
      from: Epoch(epoch)
    )
    for (position, slot) in items {
      guard case .data(let entry) = slot else { continue }
      history.delivered(entry, at: Position(position), to: number)
    }
  }

  func saw(tail: UInt64, in epoch: UInt64) {
    history.saw(
      tail: Position(tail),
      isSettled: true,
      since: history.moment(),
      from: Epoch(epoch)
    )
  }

  func saw(_ slot: Slot, at position: UInt64, in epoch: UInt64, isFill: Bool = false) {
    history.saw(
      slot,
      at: Position(position),
      since: history.moment(),
      from: Epoch(epoch),
      to: Epoch(epoch),
      isFill: isFill
    )
  }

  func sawLoss(at position: UInt64, in epoch: UInt64 = 5, following isFollower: Bool = false) {
    history.sawLoss(
      at: Position(position),
      since: history.moment(),
      from: Epoch(epoch),
      to: Epoch(epoch),
      isFollower: isFollower
    )
  }

  func trim(_ position: UInt64, in epoch: UInt64) {
    trim(Position(position)..<Position(position + 1), in: epoch)
  }

  func trim(_ range: Range<Position>, in epoch: UInt64) {
    history.end(trim: history.begin(trimOf: range, from: Epoch(epoch)), in: Epoch(epoch))
  }
}
