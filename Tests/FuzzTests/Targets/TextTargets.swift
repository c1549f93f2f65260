@testable import CorfuBench
@testable import CorfuCluster
import CorfuProtocol
import CorfuRepl

// What people type, and what other programs say in words.

extension FuzzTargets {
  static let texts: [FuzzTarget] = [
    prompt(stage: 5), prompt(stage: 7),
    FuzzTarget(
      "sizes and durations",
      files: ["Cluster/Settings/SettingUnits.swift"],
      samples: ["64 MiB", "65536", "800ms", "10min", "0s"].map { Array($0.utf8) },
      check: { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let size = SettingUnits.size(text) {
          return .comesBack(size, as: SettingUnits.size(SettingUnits.text(size: size)))
        }
        guard let duration = SettingUnits.duration(text) else { return .refused }
        return .comesBack(duration, as: SettingUnits.duration(SettingUnits.text(duration)))
      }
    ),
    FuzzTarget(
      "name in a certificate",
      files: ["Cluster/Security/CertificateIdentity.swift"],
      samples: ["corfu://orders/node/3", "corfu://a-b.c/operator/ann"].map { Array($0.utf8) },
      check: { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let name = CertificateIdentity(uri: text) else { return .refused }
        let again = CertificateIdentity.uri(of: name.name, name.role, in: name.cluster)
        return .spelledOnce(Array(again.utf8), as: Array(text.utf8))
      }
    ),
    FuzzTarget(
      "replies of another server",
      files: ["Bench/RedisWords.swift"],
      samples: ["+OK\r\n:7\r\n", "$3\r\nabc\r\n$-1\r\n-ERR no\r\n"].map { Array($0.utf8) },
      check: { checkReplies($0) }
    ),
  ]

  private static let lines = [
    #"append "hello\n\x41" 'as it is' -f {"a":1} # a remark"#, "scan tail-10 count 5; read 7",
    "map m put (a, 7) 0x00ff; list l insert 3 x; queue q pop", "trim 3..<9\ntrim before 5",
    ".watch 2 times 3 stats; .mode json; .timing on", "register r cas nothing 5",
    "node kill n2; partition n1,n2 | n3; sequencer", "race 4 for 100; fill 3; help append",
  ]

  /// The prompt's commands; a line that is refused is refused in a line.
  private static func prompt(stage: Int) -> FuzzTarget {
    let parser = Parser(stage: stage)
    return FuzzTarget(
      "line of the prompt, stage \(stage)",
      files: ["Repl/Parser.swift", "Repl/Lexer.swift"],
      samples: [Array("append hello".utf8), Array("read 0; scan".utf8)],
      hints: lines.map { Array($0.utf8) },
      check: { bytes in
        do throws(SyntaxError) {
          let commands = try parser.parse(bytes)
          return .comesBack(commands, as: try parser.parse(bytes))
        } catch {
          let message = error.description
          let isOneLine = message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
          return isOneLine && !message.isEmpty ? .refused : .broken("it is refused so: \(message)")
        }
      }
    )
  }

  /// However a reply is cut, it is the same.
  private static func checkReplies(_ bytes: [UInt8]) -> FuzzVerdict {
    let (whole, pieces) = (replies(in: [bytes]), replies(in: bytes.map { [$0] }))
    if whole != pieces { return .broken("\(whole) in one piece, \(pieces) in many") }
    return whole.isEmpty ? .refused : .taken
  }

  private static func replies(in pieces: [[UInt8]]) -> [RedisReplies.Reply] {
    var taken = RedisReplies()
    var replies: [RedisReplies.Reply] = []
    do throws(BenchError) {
      for piece in pieces {
        taken.take(piece)
        while let reply = try taken.next() { replies.append(reply) }
      }
    } catch {
      return replies
    }
    return replies
  }
}
