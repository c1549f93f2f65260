import CorfuGlobalLog
@testable import CorfuTransactions

// Values of programs, as bytes: what the library's own types read, and what `Codable` ones do.

extension FuzzTargets {
  static let values: [FuzzTarget] = plainValues + stateValues

  // One by one: a compiler that looks at all of them at once takes its time.
  private static let plainValues: [FuzzTarget] = {
    var all: [FuzzTarget] = []
    all.append(value("numbers", [[.min, -1, 0, 23, 24, 65_536, .max]] as [[Int64]]))
    all.append(value("small numbers", [0, 200] as [UInt8]))
    all.append(value("floating point", [[0.5, -.infinity, .nan]] as [[Double]]))
    all.append(value("text", ["", "größer", "a\0b"]))
    let optionals: [Int???] = [nil, .some(nil), .some(.some(nil)), 5]
    all.append(value("optionals in optionals", optionals))
    all.append(value("list of optionals", [[nil, .some(nil), "a"]] as [[String??]]))
    all.append(value("bytes", [[[1, 2], []]] as [[[UInt8]]]))
    all.append(value("set", [["a", "b", ["a", 7]]] as [Set<LogKey>]))
    all.append(value("dictionary", [["a": 1, "bb": nil], [:]] as [[String: Int?]]))
    let nested: [Int: [String: [Bool]]] = [-1: ["x": [true, false]], 300: [:]]
    all.append(value("dictionary of dictionaries", [nested]))
    let byKey: [LogKey: [UInt8]] = [["a", 7]: [1], 5: []]
    all.append(value("dictionary of keys", [byKey]))
    all.append(value("key in a value", keys))
    all.append(value("codable", [Fruit(), Fruit(name: "b", more: [Fruit()])], isStrict: false))
    return all
  }()

  private static let stateValues: [FuzzTarget] = {
    var all: [FuzzTarget] = []
    all.append(value("counter", [CounterState.Update.add(-5)], files: ["CounterState"]))
    all.append(value("register", registerUpdates, files: ["RegisterState"]))
    all.append(value("map", mapUpdates, files: ["MapState"]))
    let piece = MapPiece<String?>(key: "k", value: "v")
    all.append(value("piece of a map", [piece], files: ["MapState"]))
    all.append(value("set of keys", setUpdates, files: ["SetState"]))
    all.append(value("list", listUpdates, files: ["ListState"]))
    all.append(value("queue", queueUpdates, files: ["QueueState"]))
    all.append(value("directory", directoryUpdates, files: ["ObjectCoding"], isStrict: false))
    return all
  }()

  private static let registerUpdates: [RegisterState<Int>.Update] = [
    .write(7), .write(nil), .compareAndSet(expected: nil, 8),
  ]
  private static let mapUpdates: [MapState<[String: Int?]>.Update] = [
    .put("k", ["a": nil, "b": 1]), .remove(["a", 7]), .removeAll,
  ]
  private static let listUpdates: [ListState<String>.Update] = [
    .append("a"), .insert("b", at: 3), .set("", at: 0), .remove(at: -1),
  ]
  private static let setUpdates: [SetState.Update] = [.insert(["a", 1]), .remove(7), .removeAll]
  private static let queueUpdates: [QueueState<[UInt8]>.Update] = [.push([1, 2]), .pop]
  private static let directoryUpdates: [CorfuTransactions.Directory.Update] = [
    .enter(name: "orders", kind: .object, type: "Map", at: 9), .mark(name: "a", before: 3),
    .forget(before: 1 << 40),
  ]

  private struct Fruit: Codable, Sendable {
    enum Shape: Codable, Sendable {
      case dot
      case circle(radius: Double)
      case named(String, Int?)
    }

    var name = "apple"
    var count: Int??
    var tags: Set<String> = ["red", "round"]
    var shapes: [Shape] = [.dot, .circle(radius: 1.5), .named("n", nil)]
    var more: [Fruit] = []
  }

  /// A type whose values become bytes and come back.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - samples: Some values of it.
  ///   - files: What else than the coder reads it, in the module.
  ///   - isStrict: Whether a value has one spelling: not, where what a type does not know is passed
  ///     over.
  /// - Returns: The target.
  private static func value<Value: Codable & Sendable>(
    _ name: String,
    _ samples: [Value],
    files: [String] = [],
    isStrict: Bool = true
  ) -> FuzzTarget {
    let coder = [
      "BinaryCodable", "BinaryConformances", "BinaryDecoder", "BinaryReader", "UpdateCoding",
    ]
    return FuzzTarget(
      "value: " + name,
      files: (coder + files).map { "Transactions/\($0).swift" },
      samples: samples.compactMap { encoded($0) },
      check: { bytes in
        guard let value = decoded(Value.self, from: bytes) else { return .refused }
        guard let again = encoded(value) else { return .broken("\(value) cannot be written") }
        if isStrict { return .spelledOnce(again, as: bytes) }
        // As it is written it is read and written for ever.
        return .comesBack(again, as: decoded(Value.self, from: again).flatMap { encoded($0) })
      }
    )
  }

  private static func encoded(_ value: some Encodable) -> [UInt8]? {
    do throws(BinaryCodingError) {
      return try BinaryCoder.encode(value)
    } catch {
      return nil
    }
  }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type,
    from bytes: [UInt8]
  ) -> Value? {
    do throws(BinaryCodingError) {
      return try BinaryCoder.decode(type, from: bytes)
    } catch {
      return nil
    }
  }
}
