/// What is said to a Redis server: a command, as an array of strings.
enum RedisCommand {
  /// A command's bytes.
  static func bytes(of words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += Array("$\(word.count)\r\n".utf8)
      bytes += word
      bytes += Array("\r\n".utf8)
    }
    return bytes
  }

  /// Appends an entry of one field to a stream; the server numbers it.
  static func append(_ payload: [UInt8], to stream: String) -> [UInt8] {
    let words = ["XADD", stream, "*", "d"].map { Array($0.utf8) }
    return bytes(of: words + [payload])
  }

  /// Says who asks: before it, a server with a password does nothing.
  static func prove(_ password: String) -> [UInt8] {
    bytes(of: ["AUTH", password].map { Array($0.utf8) })
  }

  /// Forgets all that there is.
  static var forget: [UInt8] { bytes(of: [Array("FLUSHALL".utf8)]) }

  /// Waits until one replica has all that this connection has said so far.
  ///
  /// The reply tells how many have it, and comes after 20 seconds in any case: a replica that is
  /// gone is told of, and not waited for. A server that syncs its file before it answers does so as
  /// a replica, too: what it tells that it has is on its disk.
  static var wait: [UInt8] { bytes(of: ["WAIT", "1", "20000"].map { Array($0.utf8) }) }
}

/// What a Redis server says, taken apart as it comes: as far as appends need it.
struct RedisReplies {
  /// A reply.
  enum Reply: Hashable, Sendable {
    case text(ArraySlice<UInt8>)
    case number(Int)
    case nothing
    case refusal(String)
  }

  private var bytes: [UInt8] = []
  private var start = 0

  /// More has come.
  mutating func take(_ more: some Sequence<UInt8>) {
    bytes.removeFirst(start)
    start = 0
    bytes.append(contentsOf: more)
  }

  /// The next reply; `nil` if it has not all come.
  ///
  /// - Throws: ``BenchError``, if that is no reply.
  mutating func next() throws(BenchError) -> Reply? {
    guard let end = endOfLine(from: start) else { return nil }
    let (kind, line) = (bytes[start], bytes[(start + 1)..<end])
    var next = end + 2
    let reply: Reply
    switch kind {
    case UInt8(ascii: "+"): reply = .text(line)
    case UInt8(ascii: "-"): reply = .refusal(String(decoding: line, as: UTF8.self))
    case UInt8(ascii: ":"): reply = .number(try Self.number(line))
    case UInt8(ascii: "$"):
      let count = try Self.number(line)
      if count < 0 {
        reply = .nothing
      } else {
        guard bytes.count - next - 2 >= count else { return nil }
        reply = .text(bytes[next..<(next + count)])
        next += count + 2
        guard bytes[next - 2] == UInt8(ascii: "\r"), bytes[next - 1] == UInt8(ascii: "\n") else {
          throw .wrongAnswer("redis-server sent a text that does not end where it should")
        }
      }
    default: throw .wrongAnswer("redis-server sent what is no reply: it begins with byte \(kind)")
    }
    start = next
    return reply
  }

  private func endOfLine(from begin: Int) -> Int? {
    var place = begin + 1
    while place + 1 < bytes.count {
      if bytes[place] == UInt8(ascii: "\r"), bytes[place + 1] == UInt8(ascii: "\n") { return place }
      place += 1
    }
    return nil
  }

  private static func number(_ digits: ArraySlice<UInt8>) throws(BenchError) -> Int {
    let text = String(decoding: digits, as: UTF8.self)
    guard let number = Int(text) else {
      throw .wrongAnswer("redis-server sent what is no number: '\(text)'")
    }
    return number
  }
}
