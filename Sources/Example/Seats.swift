import Corfu

/// Who sits where: an object of the program's own.
struct Seats: ReplicatedState, Codable {
  /// What changes it.
  enum Update: Codable {
    case take(seat: Int, guest: String)
    case leave(seat: Int)
  }

  private(set) var guests: [Int: String] = [:]

  /// Whether the update did anything: a seat that is taken stays so.
  mutating func apply(_ update: Update) -> Bool {
    switch update {
    case .take(let seat, let guest):
      guard guests[seat] == nil else { return false }
      guests[seat] = guest
      return true
    case .leave(let seat):
      return guests.removeValue(forKey: seat) != nil
    }
  }
}
