internal import Foundation

/// A folder that plots are written to.
public struct PlotFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Takes up a folder, and makes it if it is not there: before anything is measured, so that
  /// nobody measures for nothing.
  ///
  /// - Parameter path: Where it is.
  /// - Throws: ``BenchError``, if it cannot be made.
  public init(_ path: String) throws(BenchError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .failed("cannot create folder \(path): \(error.localizedDescription)")
    }
  }

  /// Writes each plot to a file of its name.
  ///
  /// - Parameter plots: The plots.
  /// - Throws: ``BenchError``, if a file cannot be written.
  public func write(_ plots: [Report.Plot]) throws(BenchError) {
    for plot in plots {
      let file = "\(path)/\(plot.name).svg"
      do {
        try plot.drawing.svg.write(toFile: file, atomically: true, encoding: .utf8)
      } catch {
        throw .failed("cannot write \(file): \(error.localizedDescription)")
      }
    }
  }
}
