public import CorfuGlobalLog

/// Why a storage unit could not be opened.
public enum UnitOpenError: Error, Hashable, Sendable {
  /// Its disk refused.
  case device(DeviceError)
  /// Its log could not be opened.
  case store(StoreOpenError)
  /// Nobody knows which epochs were closed here, so nothing may be served (D8).
  case epochLost(String)
  /// Nobody knows what was promised here to those who vote on layouts (R27).
  case promisesLost(String)
  /// A file has a format that this program does not know.
  case otherVersion(file: String, version: UInt32)
}

extension UnitOpenError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .device(let error): "\(error)"
    case .store(let error): "\(error)"
    case .epochLost(let folder):
      "\(folder): the file 'epoch' is missing or damaged, so this unit may have promised what it "
        + "no longer knows: 'node wipe', which arrives in chapter 6, lets it come back as a new, "
        + "empty unit"
    case .promisesLost(let folder):
      "\(folder): the file 'acceptor' is missing or damaged, so this acceptor may have promised "
        + "what it no longer knows: 'node wipe' empties the folder and lets it come back as a new "
        + "unit"
    case .otherVersion(let file, let version):
      "\(file) has format version \(version), this program reads version \(SlotFormat.version): "
        + "use the program that wrote it"
    }
  }
}
