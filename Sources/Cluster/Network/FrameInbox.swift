internal import CorfuProtocol
internal import NIOCore

/// Bytes that came on one connection, and the frames in them.
struct FrameInbox {
  private var codec: FrameCodec
  private var buffer = ByteBuffer()

  init(frameBytesMax: Int) {
    codec = FrameCodec()
    codec.limits.bytesMax = frameBytesMax
  }

  /// How large a frame may be from now on.
  mutating func limit(frameBytesMax: Int) { codec.limits.bytesMax = frameBytesMax }

  /// Takes in what came.
  mutating func receive(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// How many bytes are there that were not taken.
  var byteCount: Int { buffer.readableBytes }

  /// How much memory they have.
  var memoryBytes: Int { buffer.storageCapacity }

  /// Gives back memory that is far larger than what is left in it: a piece of a frame would keep
  /// all that came before it.
  mutating func letGo() {
    guard memoryBytes > Self.smallBytesMax, byteCount < memoryBytes / 8 else { return }
    buffer = ByteBuffer(buffer: buffer)
  }

  /// So little memory may be larger than what is in it.
  private static var smallBytesMax: Int { 4 << 10 }

  /// How many bytes the last frame had.
  private(set) var frameBytes = 0

  /// The next frame, if it is all there.
  ///
  /// - Throws: `FrameError`: the connection is to be closed.
  mutating func next() throws(FrameError) -> Frame? {
    if buffer.readableBytes == 0 { return nil }
    guard let (frame, byteCount) = try codec.decode(buffer.readableBytesSpan) else { return nil }
    frameBytes = byteCount
    buffer.moveReaderIndex(forwardBy: byteCount)
    if buffer.readableBytes == 0 {
      buffer = ByteBuffer()
    } else if buffer.readerIndex > Self.deadBytesMax {
      buffer.discardReadBytes()
    }
    return frame
  }

  /// How many bytes that were taken may stand before those that were not.
  private static var deadBytesMax: Int { 1 << 20 }
}
