public import CorfuGlobalLog
public import CorfuStripeMirror

/// Why a unit did not do as it was asked.
public enum UnitRefusal: Error, Hashable, Sendable {
  /// The request's layout is not in force here. No effect.
  case epoch(EpochRefusal)
  /// The log refused.
  case log(LogError)
}

/// What happens in a unit, seldom enough to be told one by one.
public enum UnitEvent: Hashable, Sendable {
  /// An epoch was closed, or a layout put into force.
  case gateChanged(sealed: Epoch, installed: LayoutID?)
  /// Something happened in the unit's log.
  case store(StoreEvent)
}
