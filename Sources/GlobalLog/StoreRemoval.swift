extension Device {
  /// Removes a store from its folder: its segments, and last of all what says whose they were.
  ///
  /// Stopped halfway it leaves a store that lacks something, and knows it. What was put aside
  /// because it was damaged stays for whoever wants to look.
  ///
  /// - Throws: The disk's error; the same again may be asked at any time.
  package func removeStore() async throws(DeviceError) {
    try lock()
    do {
      let names = try list()
      for name in names where name.hasSuffix(".seg") || name.hasSuffix(".seg.tmp") {
        try remove(name)
      }
      try await syncFolder()
      for name in names where name == StoreIdentity.fileName { try remove(name) }
      try await syncFolder()
    } catch {
      unlock()
      throw error
    }
    unlock()
  }
}

extension Device {
  /// Removes the oldest segment that was set aside: it was kept for whoever wants to look, and a
  /// full disk stops the log (D11).
  ///
  /// - Returns: Its name; `nil` if there is none.
  func removeSetAside() async throws(DeviceError) -> String? {
    guard let name = try list().filter({ $0.hasSuffix(ClosedSegment.setAsideSuffix) }).min() else {
      return nil
    }
    try remove(name)
    try await syncFolder()
    return name
  }
}
