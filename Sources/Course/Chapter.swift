import Foundation

/// What a chapter says of itself, in `Chapters/NN-name/chapter.json`.
struct Chapter: Codable, Equatable, Sendable {
  /// Its number.
  let number: Int
  /// Its title.
  let title: String
  /// How long it takes to read, in minutes.
  let minutes: Int
  /// For whom it is.
  let level: String
  /// The stage it ends in.
  let stage: Int
  /// The folder of its module, each file of which the text names; `nil` without one.
  let sources: String?
  /// What it promises, by number: `I1.1`.
  let invariants: [Promise]
  /// What a learner builds.
  let exercises: [Exercise]
  /// The parts of a long chapter, in order; `nil` if it is read in one go.
  let parts: [Part]?
  /// Where the paper says it.
  let paper: [String]

  /// A part of a chapter, with a text and exercises of its own.
  struct Part: Codable, Equatable, Sendable {
    /// Its text, in the chapter's folder.
    let text: String
    /// How long it takes to read, in minutes.
    let minutes: Int
    /// The exercises that it ends with.
    let exercises: [String]
  }

  /// An invariant and its title.
  struct Promise: Codable, Equatable, Sendable {
    let name: String
    let title: String
  }
}

/// One exercise of a chapter.
struct Exercise: Codable, Equatable, Sendable {
  /// Its number: `1.3`.
  let id: String
  /// Its title.
  let title: String
  /// How long it takes, in minutes.
  let minutes: Int
  /// The reference's file, with the exercise's markers in it.
  let source: String
  /// The declaration in it that the starter consists of.
  let declaration: String
  /// The learner's file.
  let starter: String
  /// What the learner's file imports, as it is written.
  let imports: [String]
}

extension Project {
  /// All chapters that exist, in order.
  func chapters() throws(CourseError) -> [Chapter] {
    var chapters: [Chapter] = []
    for folder in try names(in: "Chapters") where exists("Chapters/\(folder)/chapter.json") {
      let path = "Chapters/\(folder)/chapter.json"
      do {
        let data = try Data(contentsOf: url(path))
        chapters.append(try JSONDecoder().decode(Chapter.self, from: data))
      } catch {
        throw CourseError("\(path) is not as it should be: \(error)")
      }
    }
    return chapters.sorted { $0.number < $1.number }
  }

  /// The exercises that an id names: `1.3`, a chapter's number, or a check of an exercise as
  /// `1.3.2`.
  func exercises(named id: String?) throws(CourseError) -> [Exercise] {
    let all = try chapters().flatMap(\.exercises)
    guard let id else { return all }
    let named = all.filter { $0.id == id || $0.id.hasPrefix(id + ".") || id.hasPrefix($0.id + ".") }
    if named.isEmpty {
      let known = all.map(\.id).joined(separator: ", ")
      throw CourseError("there is no exercise '\(id)'; there are: \(known)")
    }
    return named
  }

  /// The one exercise that an id names.
  func exercise(_ id: String) throws(CourseError) -> Exercise {
    let named = try exercises(named: id)
    guard let exercise = named.first, named.count == 1 else {
      throw CourseError("'\(id)' names several exercises: \(named.map(\.id))")
    }
    return exercise
  }
}

extension Exercise {
  /// The folder of the chapter's exercises.
  var folder: String {
    starter.split(separator: "/").prefix(2).joined(separator: "/")
  }

  /// The program that checks the chapter's exercises: `check-01`.
  var checkProgram: String {
    let number = id.prefix { $0 != "." }
    return "check-" + (number.count < 2 ? "0" + number : String(number))
  }
}
