/// Makes the folder of a log, and those above it that are missing, so that their names outlive a
/// power cut (D3).
struct FolderMaker {
  /// Makes a folder.
  ///
  /// Returns whether it was missing.
  let create: (_ path: String) throws(DeviceError) -> Bool
  /// Makes the names in a folder durable.
  let sync: (_ path: String) throws(DeviceError) -> Void

  /// Makes a folder.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - isInUse: Whether there is a log in it. If not, whoever made the folder may have died
  ///     before its name was durable, so each name on the way is synced, whoever made it.
  /// - Throws: What the system answered.
  func make(_ path: String, isInUse: Bool) throws(DeviceError) {
    let root = path.hasPrefix("/") ? "/" : ""
    let parts = path.split(separator: "/")
    for end in parts.indices {
      let isNew = try create(root + parts[...end].joined(separator: "/"))
      let parent = root + parts[..<end].joined(separator: "/")
      if isNew || !isInUse { try sync(parent.isEmpty ? "." : parent, isRequired: isNew) }
    }
  }

  private func sync(_ path: String, isRequired: Bool) throws(DeviceError) {
    do {
      try sync(path)
    } catch .noPermission where !isRequired {
      return  // Whoever may not look into a folder did not make what is in it.
    }
  }
}
