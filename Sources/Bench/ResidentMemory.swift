#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// How much of the machine's memory this process holds.
enum ResidentMemory {
  /// In bytes; on macOS the most it ever held, because that is what the system tells cheaply.
  static func current() -> Int {
    #if canImport(Darwin)
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
    #else
    let words = SystemText.read("/proc/self/statm").split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    #endif
  }
}
