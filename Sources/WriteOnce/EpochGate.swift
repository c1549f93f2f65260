public import CorfuGlobalLog
public import CorfuStripeMirror

/// Who may come in: the part that exercise 5.1 builds.
///
/// Every request names the layout that its sender believes in. A gate lets it pass only if that is
/// the layout in force here (R3).
public protocol EpochAdmission: Equatable, Sendable {
  /// A gate that was never told of a layout.
  init()

  /// The gate as it was written down before a crash.
  init(sealed: Epoch, installed: LayoutID?)

  /// The highest epoch that is closed for ever; zero if none is.
  var sealed: Epoch { get }

  /// The layout in force, if one was ever installed.
  var installed: LayoutID? { get }

  /// Whether a request is served.
  ///
  /// - Parameter layout: What the sender believes in.
  /// - Returns: `nil` if it is served, or why not.
  func refusal(of layout: LayoutID) -> EpochRefusal?

  /// Closes an epoch and all before it.
  mutating func seal(_ epoch: Epoch)

  /// Puts a layout into force, unless it is older than the one in force.
  ///
  /// An older one changes nothing, and is no error. One of a sealed epoch is installed like any
  /// other; it is merely not served. Only another layout of the same epoch is wrong.
  ///
  /// - Returns: `nil`, or what is wrong with it.
  mutating func install(_ layout: LayoutID) -> EpochRefusal?
}

/// The epochs of one server: what is closed, and what is in force.
///
/// Closing an epoch is how a cluster changes its mind safely: once it is sealed here, nothing that
/// believes in it has any effect here, however late it comes. (TOCS 2013, 3.1; rules R3 and R4.)
public struct EpochGate: EpochAdmission {
  public private(set) var sealed = Epoch.zero
  public private(set) var installed: LayoutID?

  /// A gate that was never told of a layout: it serves nobody.
  public init() {}

  public init(sealed: Epoch, installed: LayoutID?) {
    self.sealed = sealed
    self.installed = installed
  }

  // exercise 5.1: serve the layout in force and no other; both marks only ever rise
  public func refusal(of layout: LayoutID) -> EpochRefusal? {
    if layout.epoch <= sealed { return .sealed(sealed, newest: nil) }
    guard let installed, installed.epoch >= layout.epoch else {
      return .behind(installed: installed)
    }
    // Above what is sealed there is one layout in force: the installed one.
    return installed == layout ? nil : .otherLayout(installed)
  }

  public mutating func seal(_ epoch: Epoch) {
    sealed = max(sealed, epoch)
  }

  public mutating func install(_ layout: LayoutID) -> EpochRefusal? {
    if let installed {
      if layout.epoch < installed.epoch { return nil }
      if layout.epoch == installed.epoch {
        return layout == installed ? nil : .otherLayout(installed)
      }
    }
    installed = layout
    // Whoever installs an epoch has closed those before it, here as well.
    if layout.epoch.number > 0 { seal(Epoch(layout.epoch.number - 1)) }
    return nil
  }
  // end 5.1
}
