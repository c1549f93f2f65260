internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuTransactions

// Updates by themselves, and streams without objects.

extension ObjectProcess {
  private typealias Counter = SimulatedObject<TracedCounter>
  private typealias Queue = SimulatedObject<TracedQueue>

  /// Puts an update into an object, and notes what came of it.
  private func update<State: TracedState>(
    _ traced: TracedObject,
    of type: State.Type,
    asking: Bool,
    _ make: (Int) -> State.Update
  ) async -> Int? {
    let number = history.nextNumber()
    let update = make(number)
    do throws(ObjectError) {
      let object = try await open(traced, of: type)
      history.begin(updateOf: traced, number: number, in: epoch)
      if asking {
        let outcome = State.word(of: try await object.outcome(of: update))
        history.end(update: number, .stands(nil), outcome: outcome, in: epoch)
        nodes.history.acknowledge()
        history.probe("outcome")
        return outcome
      }
      let position = try await object.update(update)
      history.end(update: number, .stands(position), in: epoch)
      nodes.history.acknowledge(position)
      return nil
    } catch {
      let fate = await survive(error, in: "an update of \(traced)")
      history.end(update: number, fate, in: epoch)
      return nil
    }
  }

  /// Counts, and asks what it came to.
  func count() async {
    let amount = draw { $0.number(in: 1...9) }
    let asks = draw { $0.chance(0.7) }
    _ = await update(.counter, of: TracedCounter.self, asking: asks) {
      TracedCounter.Update(number: $0, amount: amount)
    }
  }

  func push() async {
    _ = await update(.queue, of: TracedQueue.self, asking: false) { .push(number: $0) }
  }

  func pop() async {
    let item = await update(.queue, of: TracedQueue.self, asking: true) { .pop(number: $0) }
    if let item, item >= 0 { history.probe("pop") }
  }

  // MARK: - Streams

  private static func payload(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  static func number(in payload: [UInt8]) -> Int? {
    payload.count == 8 ? payload.reversed().reduce(0) { $0 << 8 | Int($1) } : nil
  }

  /// Appends an entry to some streams at once, or several to one.
  func append() async {
    do throws(ObjectError) {
      var streams: [LogStream<ObservedLog>] = []
      for name in TracedObject.streams where streams.isEmpty || draw({ $0.chance(0.3) }) {
        if streams.isEmpty && name != TracedObject.streams.last && draw({ $0.chance(0.5) }) {
          continue
        }
        streams.append(try await runtime.stream(name))
      }
      if streams.count == 1, draw({ $0.chance(0.3) }) {
        return await append(draw { $0.number(in: 2...6) }, to: streams[0])
      }
      let number = history.nextNumber()
      history.begin(appendTo: streams.map(\.stream), number: number, in: epoch)
      do throws(ObjectError) {
        let position = try await runtime.append(Self.payload(number), to: streams)
        history.end(append: number, .stands(position), in: epoch)
        nodes.history.acknowledge(position)
        history.probe(streams.count > 1 ? "entry of several streams" : "entry of a stream")
      } catch {
        let fate = await survive(error, in: "an append to a stream")
        history.end(append: number, fate, in: epoch)
      }
    } catch {
      await survive(error, in: "opening a stream")
    }
  }

  private func append(_ count: Int, to stream: LogStream<ObservedLog>) async {
    let numbers = (0..<count).map { _ in history.nextNumber() }
    for number in numbers {
      history.begin(appendTo: [stream.stream], number: number, in: epoch)
    }
    do throws(ObjectError) {
      let positions = try await stream.append(batch: numbers.map(Self.payload))
      for (number, position) in zip(numbers, positions) {
        history.end(append: number, .stands(position), in: epoch)
        nodes.history.acknowledge(position)
      }
      history.probe("batch to a stream")
    } catch {
      // Nobody says which of them the error is about.
      await survive(error, in: "a batch to a stream")
    }
  }

  func readStream() async {
    do throws(ObjectError) {
      let name = draw { $0.element(of: TracedObject.streams) } ?? TracedObject.streams[0]
      let stream = try await runtime.stream(name)
      let floor = history.floor
      let epoch = epoch
      let end = Int(floor.number)
      let begin = draw { random in
        let back = random.chance(0.7) ? random.number(below: 60) : random.number(below: end + 1)
        return Position(UInt64(max(0, end - back)))
      }
      let items = try await stream.read(from: begin)
      history.saw(
        .init(
          stream: stream.stream,
          begin: begin,
          floor: floor,
          trimmed: history.trimBegun,
          items: items.map { ($0.position, Self.number(in: $0.entry.payload)) },
          reign: epoch...self.epoch
        )
      )
      history.probe("stream read")
    } catch {
      await survive(error, in: "reading a stream")
    }
  }
}
