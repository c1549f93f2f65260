extension StoreRun {
  /// A fault to strike at one call to the disk.
  public struct Injection: Sendable, CustomStringConvertible {
    /// What it does.
    public var effect: SimulatedDevice.Effect
    /// Which kind of call it strikes; `nil` for any.
    public var call: DiskCall?
    /// Which of them, counted from 1.
    public var number: Int

    /// A fault.
    public init(_ effect: SimulatedDevice.Effect, at number: Int, of call: DiskCall? = nil) {
      self.effect = effect
      self.call = call
      self.number = number
    }

    public var description: String {
      "\(effect) at \(call.map { "\($0)" } ?? "call") \(number)"
    }
  }
}
