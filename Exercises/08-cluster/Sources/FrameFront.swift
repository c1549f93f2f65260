// Exercise 8.1: the header at the front of some bytes, refused as soon as it can be told
// Write the body below, then: swift run course check 8.1
import CorfuChecks
import CorfuGlobalLog
public import CorfuProtocol

/// Looks at the front of what came on a connection.
public struct FrameFront: FrameFrontReading {
  /// A reader; it remembers nothing.
  public init() {}

  public func header(of bytes: RawSpan, bytesMax: Int) throws(FrameError) -> FrameHeader? {
    TODO("8.1 the header at the front of some bytes, refused as soon as it can be told")
  }
}
