internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import NIOCore

/// What comes on a connection on which only tokens are asked for: taken apart, and held against
/// what may come.
struct TokenReplies {
  /// What came.
  enum Event: Hashable {
    /// The greeting was taken: requests may follow.
    case welcome
    /// The request with a number was answered with a token.
    case token(UInt64)
  }

  private let codec = FrameCodec()
  private let window: Int
  private var buffer = ByteBuffer()
  private var isWelcome = false
  private var count: UInt64 = 0
  private var lowest = Position.max
  private var highest = Position.zero

  /// Nothing yet.
  ///
  /// - Parameter window: How many requests there are at once; they are numbered from 1.
  init(window: Int) {
    self.window = window
  }

  /// Takes in what came.
  mutating func receive(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// The next thing that came; `nil` if it has not all come.
  ///
  /// - Throws: ``BenchError``, if it is anything but a welcome and then tokens for one position
  ///   each, of which no two are the same.
  mutating func next() throws(BenchError) -> Event? {
    guard let frame = try nextFrame() else { return nil }
    switch frame.message {
    case .welcome where !isWelcome:
      isWelcome = true
      return .welcome
    case .rejected(let rejection) where !isWelcome:
      throw .failed("the sequencer's node takes no greeting: \(rejection)")
    case .reply(.token(let token)) where isWelcome:
      guard frame.id >= 1, frame.id <= UInt64(window), token.count == 1 else {
        throw .wrongAnswer("a token that nobody asked for: \(token), number \(frame.id)")
      }
      count += 1
      lowest = min(lowest, token.first)
      highest = max(highest, token.first)
      guard highest.number - lowest.number + 1 >= count else {
        throw .wrongAnswer("\(count) tokens have \(lowest)...\(highest): some are for the same")
      }
      return .token(frame.id)
    case .reply(let reply): throw .wrongAnswer("no token: \(reply)")
    case .hello, .welcome, .rejected, .request:
      throw .wrongAnswer("the sequencer's node sent what answers nothing")
    }
  }

  private mutating func nextFrame() throws(BenchError) -> Frame? {
    if buffer.readableBytes == 0 { return nil }
    do throws(FrameError) {
      guard let (frame, byteCount) = try codec.decode(buffer.readableBytesSpan) else { return nil }
      buffer.moveReaderIndex(forwardBy: byteCount)
      if buffer.readableBytes == 0 {
        buffer = ByteBuffer()
      } else if buffer.readerIndex > Self.deadBytesMax {
        buffer.discardReadBytes()
      }
      return frame
    } catch {
      throw .wrongAnswer("the sequencer's node: \(error)")
    }
  }

  /// How many bytes that were taken may stand before those that were not.
  private static var deadBytesMax: Int { 1 << 20 }
}
