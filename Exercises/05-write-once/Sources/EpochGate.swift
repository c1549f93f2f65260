// Exercise 5.1: serve the layout in force and no other; both marks only ever rise
// Write the body below, then: swift run course check 5.1
import CorfuChecks
public import CorfuGlobalLog
public import CorfuStripeMirror
public import CorfuWriteOnce

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

  public func refusal(of layout: LayoutID) -> EpochRefusal? {
    TODO("5.1 serve the layout in force and no other; both marks only ever rise")
  }

  public mutating func seal(_ epoch: Epoch) {
    TODO("5.1 serve the layout in force and no other; both marks only ever rise")
  }

  public mutating func install(_ layout: LayoutID) -> EpochRefusal? {
    TODO("5.1 serve the layout in force and no other; both marks only ever rise")
  }
}
