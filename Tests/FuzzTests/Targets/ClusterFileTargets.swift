@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Foundation

// Files of a node's folder, of an operator, and of whoever has a backup.

extension FuzzTargets {
  static let clusterFiles: [FuzzTarget] = [
    FuzzTarget(
      "backup",
      files: ["Cluster/Backup/BackupFile.swift"],
      samples: [backup],
      seal: { sealBackup(&$0) },
      check: { checkBackup($0) }
    ),
    FuzzTarget(
      "file of layouts",
      files: ["Cluster/Process/LayoutFile.swift"],
      samples: [LayoutFile.encoded([]), LayoutFile.encoded([plainLayout, fullLayout])],
      seal: { sealEnd(&$0) },
      check: { bytes in
        guard case .layouts(let layouts) = LayoutFile.contents(of: bytes) else { return .refused }
        return .spelledOnce(LayoutFile.encoded(layouts), as: bytes)
      }
    ),
    FuzzTarget(
      "file of the membership",
      files: ["Cluster/Process/MembershipKeeper.swift"],
      samples: membership.map { [MembershipKeeper.encoded($0)] } ?? [],
      seal: { sealEnd(&$0) },
      check: { bytes in
        do throws(MembershipFileError) {
          let membership = try MembershipKeeper.membership(in: bytes, "membership")
          return .spelledOnce(MembershipKeeper.encoded(membership), as: bytes)
        } catch {
          return .refused
        }
      }
    ),
    FuzzTarget(
      "node's number in its folder",
      files: ["Cluster/Process/NodeStamp.swift"],
      samples: [NodeStamp.encoded(NodeID(7))],
      check: { bytes in
        guard let node = NodeStamp.node(in: bytes) else { return .refused }
        return .comesBack(node, as: NodeStamp.node(in: NodeStamp.encoded(node)))
      }
    ),
    FuzzTarget(
      "settings",
      files: [
        "Cluster/Settings/SettingsFile.swift", "Cluster/Settings/SettingsGathering.swift",
        "Cluster/Settings/SettingsSource.swift", "Cluster/Settings/SettingValue.swift",
      ],
      samples: [Array(settings.utf8)],
      isSlow: true,
      check: { checkSettings($0) }
    ),
  ]

  // MARK: - Backups

  private static var backup: [UInt8] {
    let parts: [(first: Position, slots: [Slot])] = [
      (Position(5), [.data(entry), .junk, .trimmed]), (Position(8), [.data(entry)]),
    ]
    var bytes = BackupHeader(begin: Position(5), end: Position(9)).bytes
    for (first, slots) in parts {
      let reply = Reply.slots(slots.map { .success($0) })
      do {
        try FrameCodec().encode(Frame(id: first.number, .reply(reply)), into: &bytes)
      } catch {
        return []  // It is small; and nothing is not taken, which the tests notice.
      }
    }
    return bytes
  }

  /// Puts right the sums of the header, and of the frames as long as one follows the other.
  private static func sealBackup(_ bytes: inout [UInt8]) {
    guard bytes.count >= BackupHeader.byteCount else { return }
    sealAround(&bytes, 0..<BackupHeader.byteCount)
    var place = BackupHeader.byteCount
    while place + FrameHeader.byteCount <= bytes.count {
      let length: UInt32 = bytes.span.bytes.number(at: place + 8)
      let end = place + FrameHeader.byteCount + Int(length)
      guard end <= bytes.count else { return }
      sealAround(&bytes, place..<end)
      place = end
    }
  }

  /// Puts the sum of some bytes into the four behind their first twelve, which do not count.
  private static func sealAround(_ bytes: inout [UInt8], _ range: Range<Int>) {
    let place = range.lowerBound + 12
    var sum = Checksum()
    sum.update(bytes.span.bytes.extracting(range.lowerBound..<place))
    sum.update(bytes.span.bytes.extracting(place + 4..<range.upperBound))
    bytes.put(sum.value, at: place)
  }

  /// Whatever a backup's file is, its parts follow one another, or it is damaged.
  private static func checkBackup(_ bytes: [UInt8]) -> FuzzVerdict {
    let header: BackupHeader
    do throws(BackupError) {
      header = try BackupHeader(path: "backup", Array(bytes.prefix(BackupHeader.byteCount)))
    } catch {
      return .refused
    }
    var parts = BackupParts(header, frameBytesMax: 1 << 20)
    var next = header.begin
    // In pieces, as files are read.
    for piece in bytes.dropFirst(BackupHeader.byteCount).chunks(of: 61) {
      parts.add(piece)
      while case .part(let first, let slots) = parts.step() {
        guard first == next, !slots.isEmpty else {
          return .broken("\(slots.count) slots from \(first) on come behind \(next)")
        }
        next = first.advanced(by: slots.count)
        guard next <= header.end else { return .broken("there is more than up to \(header.end)") }
      }
    }
    guard parts.step() == .over else { return .refused }
    return next == header.end ? .taken : .broken("it is over at \(next)")
  }

  // MARK: - Settings

  private static let settings = """
    {
      "// a remark": null,
      "cluster": "orders", "node": "n3", "folder": "data", "listen": "127.0.0.1:7000",
      "roles": ["unit", "sequencer"], "drain": "5s", "log": { "level": "notice" },
      "store": { "segmentSize": "64MiB", "streamsMax": 1000 },
      "monitor": { "silenceMax": "800ms" }, "insecure": true, "network": { "requestsMax": 1.5 }
    }
    """

  /// Settings that can be, or mistakes in a line each.
  private static func checkSettings(_ bytes: [UInt8]) -> FuzzVerdict {
    var gathering = SettingsGathering()
    do throws(SettingsError) {
      gathering.add(try SettingsFile(path: "node.json", Data(bytes)))
    } catch {
      return verdict(on: error.mistakes, isRefused: true)
    }
    let settings = gathering.settings()
    if settings == nil, gathering.mistakes.isEmpty { return .broken("nothing is wrong with none") }
    return verdict(on: gathering.mistakes, isRefused: settings == nil)
  }

  private static func verdict(on mistakes: [String], isRefused: Bool) -> FuzzVerdict {
    if let empty = mistakes.first(where: \.isEmpty) { return .broken("a mistake is '\(empty)'") }
    return isRefused ? .refused : .taken
  }
}

extension ArraySlice<UInt8> {
  /// Its bytes, so many at a time.
  fileprivate func chunks(of count: Int) -> [ArraySlice<UInt8>] {
    stride(from: startIndex, to: endIndex, by: count).map { begin in
      self[begin..<Swift.min(begin + count, endIndex)]
    }
  }
}
