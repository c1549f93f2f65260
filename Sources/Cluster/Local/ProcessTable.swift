internal import Foundation

/// Processes of this machine.
enum ProcessTable {
  /// Whether a process runs that was started with an argument: numbers are used again.
  static func isRunning(_ process: Int32, with argument: String) -> Bool {
    guard kill(process, 0) == 0 else { return false }
    #if os(Linux)
    return words(of: process).contains(argument)
    #else
    return list(["-p", "\(process)", "-o", "command="]).contains { $0.contains(argument) }
    #endif
  }

  /// A process whose last arguments are these; `nil` if none runs.
  static func process(endingWith arguments: [String]) -> Int32? {
    #if os(Linux)
    // Where the system tells nothing of its processes, none is found.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.lazy.compactMap { Int32($0) }.first { number in
      words(of: number).suffix(arguments.count) == arguments[...]
    }
    #else
    let end = " " + arguments.joined(separator: " ")
    let line = list(["-ax", "-o", "pid=,command="]).first { $0.hasSuffix(end) }
    return line?.split(separator: " ").first.flatMap { Int32($0) }
    #endif
  }

  #if os(Linux)
  /// What a process was started with; nothing for one that has ended and was not waited for.
  private static func words(of process: Int32) -> [String] {
    let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
  #else
  /// What `ps` says, a line for each process.
  private static func list(_ arguments: [String]) -> [Substring] {
    let list = Process()
    list.executableURL = URL(fileURLWithPath: "/bin/ps")
    list.arguments = ["-ww"] + arguments
    let output = Pipe()
    list.standardOutput = output
    do {
      try list.run()
    } catch {
      return []
    }
    let words = output.fileHandleForReading.readDataToEndOfFile()
    list.waitUntilExit()
    return String(decoding: words, as: UTF8.self).split(whereSeparator: \.isNewline)
  }
  #endif
}

/// Ports of this machine that nobody listens on.
enum FreePort {
  /// Below those that systems give to connections that go out: one of these would be taken now and
  /// then by a node that dials, before the node that it is meant for listens.
  private static let range = 20_000..<32_000 as Range<UInt16>
  private static let triesMax = 100

  /// One of them: somebody else may take it before it is used.
  ///
  /// - Parameter taken: Ports that are meant for others, who need not listen yet.
  /// - Returns: The port.
  /// - Throws: ``LocalClusterError/noPort``, if none is found.
  static func find(besides taken: Set<UInt16>) throws(LocalClusterError) -> UInt16 {
    for _ in 0..<triesMax {
      let port = UInt16.random(in: range)
      if !taken.contains(port), isFree(port) { return port }
    }
    throw .noPort
  }

  private static func isFree(_ port: UInt16) -> Bool {
    #if os(Linux)
    let stream = Int32(SOCK_STREAM.rawValue)
    #else
    let stream = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0
      }
    }
  }
}
