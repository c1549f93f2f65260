/// The commands as a page to read, made from the same table as parser, help and completion.
public enum CommandReference {
  /// The page, in Markdown.
  public static var markdown: String { Help.reference() }
}
