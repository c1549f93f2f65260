import ArgumentParser
import CorfuRepl
import Synchronization

/// Does something that starts processes, until Ctrl-C, SIGTERM or SIGHUP: then it is cancelled, and
/// ends them.
///
/// - Throws: What it throws; `ExitCode`, if it was interrupted.
func untilInterrupted<Value: Sendable>(
  _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let result = Mutex<Result<Value, any Error>>(.failure(ExitCode(Shell.interrupted)))
  Interruption.catchFromNowOn()
  Interruption.catchEndingsFromNowOn()
  let ending = await Interruption.cancelling(on: ContinuousClock()) {
    do {
      let value = try await body()
      result.withLock { $0 = .success(value) }
      return .done
    } catch {
      result.withLock { $0 = .failure(error) }
      return .failed
    }
  }
  // What it says of having been cut short is of no interest.
  if ending.wasInterrupted { throw ExitCode(Interruption.exitStatus) }
  Interruption.letGo()
  return try result.withLock { $0 }.get()
}
