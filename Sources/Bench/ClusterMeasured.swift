/// What `corfu bench cluster` measured of loads, in the order of its sizes.
struct ClusterMeasured: Sendable {
  /// The disk, the network with one message at a time, and with many.
  var machine: [Series]
  /// Reading a file: from the page cache and, where the system can be told to forget it, from the
  /// disk.
  var files: [Series]
  /// Tokens by calls, and over a raw connection.
  var tokens: [Series]
  var appends: [Series]
  var crowds: [Series]
  /// Random reads and a scan from the page cache; random reads from the disk, like ``files``.
  var reads: [Series]
  /// Reads and appends together.
  var mixes: [Series]
  /// A reader: alone, and beside writers of each payload.
  var beside: [Series]
  /// A Redis server without a replica; nothing, if there is none.
  var redis: [Series]
  /// One with a replica, in the order of ``appends``; nothing, if there is none.
  var redises: [Series]
}
