// Goal: a node says whether its disk has room, for as long as that is so. Method: what a unit tells
// of its disk, by hand.
import CorfuGlobalLog
@testable import CorfuNode
import CorfuProtocol
import CorfuWriteOnce
import Testing

@Suite struct RoomTests {
  @Test func roomIsWhatTheUnitSaidLast() {
    let note = RoomNote()
    #expect(note.room == .enough)
    note.hear(.store(.spaceShort))
    #expect(note.room == .full)
    // Anything else changes nothing.
    note.hear(.store(.scrubbed(segments: 1, bytes: 1)))
    #expect(note.room == .full)
    note.hear(.store(.spaceBack))
    #expect(note.room == .enough)
  }

  @Test func whatIsToBeSaidOfADisk() {
    #expect(DiskRoom.enough.trouble == nil)
    #expect(DiskRoom.short(bytes: 5 << 20).trouble == "nearly full: 5 MiB are left")
    #expect(DiskRoom.full.trouble == "full: entries are refused until there is room")
  }
}
