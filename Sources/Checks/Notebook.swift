import Synchronization

/// What several clients write down while they run, one at a time.
final class Notebook<Page: Sendable>: Sendable {
  private let page: Mutex<Page>

  /// A notebook with one page.
  init(_ page: Page) {
    self.page = Mutex(page)
  }

  /// What is written there.
  var content: Page { page.withLock { $0 } }

  /// Writes on the page.
  func write<Value: Sendable>(_ change: (inout Page) -> Value) -> Value {
    page.withLock { page in change(&page) }
  }
}
