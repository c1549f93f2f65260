/// The beginning and the end of something long, which is what one reads of it.
enum Excerpt {
  /// All lines, or the first and the last of them with a count of what is left out.
  static func of(_ lines: some Collection<String>, first: Int, last: Int) -> [String] {
    let hidden = lines.count - first - last
    // A note in the place of a single line would save nothing.
    guard hidden > 1 else { return Array(lines) }
    return lines.prefix(first) + ["… \(hidden) more …"] + lines.suffix(last)
  }
}
