public import CorfuGlobalLog

// The payload of an entry that concerns objects:
//
//   bytes 0, 1   4f 42, "OB"; other entries of a stream are their writers' own
//         2      the version of this format: 1
//         3      the kind: 1 updates, 2 begin, 3 piece and 4 end of a checkpoint; 5 is a piece
//                whose last piece of the state goes on in the next entry
//
//   updates      how many; for each its stream, how many bytes it has, and those
//   begin        stream · version · number
//   piece        stream · version · number · which (0, 1, …) · how many pieces of the state stand
//                here; for each how many bytes it has, and those · sum
//   end          stream · version · number · how many entries with pieces there are · the sum of
//                all pieces · sum
//
// Numbers are items as BinaryWriter has them: 00 to 17 in a byte, and so on. The last sum is the
// CRC-32C of all bytes before it: four bytes, the lowest first.
//
// A transaction's updates stand in one entry, which belongs to the streams of all of them (R35).

/// What an entry says about objects.
public enum ObjectEntry: Equatable, Sendable {
  /// Updates of one object or several: all of them are applied, everywhere, or none.
  case updates([ObjectUpdate])
  /// A part of a checkpoint.
  case checkpoint(CheckpointName, CheckpointPart)
}

/// An update of the object whose stream this is.
public struct ObjectUpdate: Equatable, Sendable {
  /// The stream of the object.
  public let stream: StreamID
  /// What ``BinaryCoder`` made of the update.
  public let bytes: ArraySlice<UInt8>

  /// An update.
  public init(stream: StreamID, bytes: ArraySlice<UInt8>) {
    self.stream = stream
    self.bytes = bytes
  }
}

/// Which checkpoint it is.
public struct CheckpointName: Hashable, Sendable {
  /// The stream of the object.
  public let stream: StreamID
  /// What is in it: all that stands before this position.
  public let version: Position
  /// Tells apart what several clients write of one object at once: no two use the same.
  public let number: UInt64

  /// A name.
  public init(stream: StreamID, version: Position, number: UInt64) {
    self.stream = stream
    self.version = version
    self.number = number
  }
}

/// Which part of a checkpoint it is.
public enum CheckpointPart: Equatable, Sendable {
  /// The first.
  case begin
  /// Pieces of the state; `index` counts such entries.
  case pieces(index: Int, CheckpointPieces)
  /// The last: the checkpoint counts from here on, if the beginning and so many entries with pieces
  /// are there, with these bytes (R38).
  case end(count: Int, sum: CheckpointSum)
}

/// The checksum of the pieces of a checkpoint, in their order.
public struct CheckpointSum: Equatable, Sendable {
  private(set) var sum: Checksum

  /// That of no pieces.
  public init() {
    sum = Checksum()
  }

  init(_ value: UInt32) {
    sum = Checksum(value)
  }

  /// Takes in the pieces of the next entry.
  public mutating func update(_ pieces: CheckpointPieces) {
    for piece in pieces.bytes {
      var size: [UInt8] = []
      size.append(number: UInt64(piece.count))
      sum.update(size.span.bytes)
      sum.update(piece.span.bytes)
    }
  }
}

/// Why a payload says nothing about objects.
public enum ObjectEntryError: Error, Equatable {
  /// It is something else, of which objects know nothing.
  case otherPayload
  /// A later version of this program wrote it.
  case newerVersion(UInt8)
  /// It began like one of ours, and is none.
  case malformed
}
