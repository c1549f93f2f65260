#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the command line asks for.
struct Options: Sendable {
  private(set) var folder: String?
  private(set) var stage = 1
  private(set) var clients = 4
  private(set) var appends = 25
  /// Whether there is to be a prompt where clients race otherwise.
  private(set) var wantsPrompt = false
  /// The exercises and chapters whose parts are yours, whatever the checks say.
  private(set) var mine: [String] = []

  /// Reads the arguments; `nil` if they make no sense.
  init?(_ arguments: ArraySlice<String>) {
    var words = arguments
    while let name = words.popFirst() {
      if name == "--prompt" {
        wantsPrompt = true
        continue
      }
      guard let value = words.popFirst() else { return nil }
      switch name {
      case "--data": folder = value
      case "--stage":
        guard let number = Int(value), (1...7).contains(number) else { return nil }
        stage = number
      case "--clients":
        guard let count = Int(value), (1...1000).contains(count) else { return nil }
        clients = count
      case "--appends":
        guard let count = Int(value), (1...1_000_000).contains(count) else { return nil }
        appends = count
      case "--mine":
        mine = value.split(separator: ",").map { String($0) }
        guard mine.allSatisfy(Choice.isKnown) else { return nil }
      default: return nil
      }
    }
  }

  /// Ends the program.
  static func exit(status: Int32) -> Never {
    #if canImport(Darwin)
    Darwin.exit(status)
    #elseif canImport(Glibc)
    Glibc.exit(status)
    #elseif canImport(Musl)
    Musl.exit(status)
    #endif
  }
}
