/// Reads lines from a file or a pipe, in pieces, so that input of any length takes little memory.
///
/// A line is what stands between new-line characters; those are no part of it, a carriage return
/// is. A last line without one counts. Where pieces are told apart it is a piece, and a line that
/// is too long is cut into some and a rest.
final class LineReader {
  /// The file's name, for messages.
  let name: String
  /// The file's size; nil if it is not known beforehand.
  let bytesTotal: Int?
  /// How many lines were handed out.
  private(set) var lines = 0
  /// How many of them were too long, and were cut.
  private(set) var linesCut = 0
  /// How many bytes were taken from the file, those still waiting included.
  private(set) var bytesRead = 0

  private let descriptor: Int32?
  private let owns: Bool
  private let lineBytesMax: Int
  private let tellsPieces: Bool
  // Whether a piece of the line that is next was handed out.
  private var isCutting = false
  private var buffer: [UInt8]
  private var begin = 0
  // Up to here the buffer is known to hold no new line.
  private var searched = 0
  private var isAtEnd: Bool

  /// A longest line of 16 MiB is for scripts; entries have a limit of their own.
  static let lineBytesMaxDefault = 16 << 20

  /// Lines of a file.
  init(
    file name: String,
    lineBytesMax: Int = lineBytesMaxDefault,
    tellsPieces: Bool = false
  ) throws(ReplError) {
    let descriptor = try SystemCall.openForReading(name)
    self.name = name
    self.descriptor = descriptor
    self.lineBytesMax = lineBytesMax
    self.tellsPieces = tellsPieces
    owns = true
    bytesTotal = SystemCall.size(descriptor)
    buffer = []
    isAtEnd = false
  }

  /// Lines of the standard input.
  init(inputWith lineBytesMax: Int = lineBytesMaxDefault, tellsPieces: Bool = false) {
    name = "standard input"
    descriptor = SystemCall.input
    self.lineBytesMax = lineBytesMax
    self.tellsPieces = tellsPieces
    owns = false
    bytesTotal = SystemCall.size(SystemCall.input)
    buffer = []
    isAtEnd = false
  }

  /// Lines of a text.
  init(text: [UInt8], name: String) {
    self.name = name
    descriptor = nil
    owns = false
    bytesTotal = text.count
    bytesRead = text.count
    lineBytesMax = Int.max
    tellsPieces = false
    buffer = text
    isAtEnd = true
  }

  deinit {
    if owns, let descriptor { SystemCall.close(descriptor) }
  }

  /// The next line; nil at the end.
  ///
  /// Waits for it.
  func next() throws(ReplError) -> [UInt8]? {
    while true {
      if let end = lineEnd() {
        try check(end - begin)
        return take(end)
      }
      if isAtEnd { return nil }
      try check(buffer.count - begin)
      try fill(milliseconds: 100)
    }
  }

  /// Up to `linesMax` lines and about `bytesMax` bytes: waits for one, then takes what is there.
  ///
  /// Nothing at the end. So a slow writer's lines are not held back, and a fast one's come in
  /// batches. Where pieces are told apart, what is no whole line comes in batches of its own.
  ///
  /// Throws ``ReplError/cancelled`` when the task is, and, unless pieces are told apart,
  /// ``ReplError/lineTooLong(_:of:bytesMax:)`` once all lines before that one were handed out.
  func batch(linesMax: Int, bytesMax: Int) throws(ReplError) -> LineBatch {
    var batch = LineBatch()
    var bytes = 0
    while batch.entries.count < linesMax, bytes < bytesMax {
      if Task.isCancelled || Interruption.isRaised { throw .cancelled }
      let end = lineEnd()
      let length = (end ?? buffer.count) - begin
      if batch.isEmpty, !tellsPieces { try check(length) }
      if length > lineBytesMax {
        guard tellsPieces, batch.takes(isPiece: true) else { break }
        bytes += lineBytesMax
        batch.add(takePiece(), isPiece: true)
      } else if let end {
        // Nothing ends it but the text.
        let isPiece = tellsPieces && end == buffer.count
        guard batch.takes(isPiece: isPiece) else { break }
        bytes += length
        batch.add(take(end), isPiece: isPiece)
      } else if isAtEnd {
        break
      } else if batch.isEmpty {
        try fill(milliseconds: 100)
      } else if try !fill(milliseconds: 0) {
        break
      }
    }
    return batch
  }

  /// Where the first line in the buffer ends; nil if it is not complete.
  private func lineEnd() -> Int? {
    if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      searched = end
      return end
    }
    searched = buffer.count
    return isAtEnd && begin < buffer.count ? buffer.count : nil
  }

  private func take(_ end: Int) -> [UInt8] {
    let line = Array(buffer[begin..<end])
    begin = min(end + 1, buffer.count)
    searched = begin
    lines += 1
    isCutting = false
    return line
  }

  /// Takes as much of a line that is too long as may be one entry.
  private func takePiece() -> [UInt8] {
    let piece = Array(buffer[begin..<begin + lineBytesMax])
    begin += lineBytesMax
    if !isCutting { linesCut += 1 }
    isCutting = true
    return piece
  }

  private func check(_ length: Int) throws(ReplError) {
    guard length > lineBytesMax else { return }
    throw .lineTooLong(lines + 1, of: name, bytesMax: lineBytesMax)
  }

  /// Takes more from the file; false if nothing came in time.
  @discardableResult
  private func fill(milliseconds: Int32) throws(ReplError) -> Bool {
    guard let descriptor, !isAtEnd else { return false }
    guard SystemCall.isReadable(descriptor, milliseconds: milliseconds),
      let bytes = try SystemCall.read(descriptor, count: 1 << 18, name: name)
    else { return false }
    isAtEnd = bytes.isEmpty
    bytesRead += bytes.count
    buffer.removeFirst(begin)
    searched -= begin
    begin = 0
    buffer += bytes
    return true
  }
}
