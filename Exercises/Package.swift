// swift-tools-version: 6.2
import PackageDescription

// The exercises are a package of their own, so that half-written code here never breaks the one
// above. Warnings are only warnings: yours is code in the making.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A library of the package above.
func corfu(_ name: String) -> Target.Dependency {
  .product(name: "Corfu" + name, package: "corfu")
}

/// A chapter's exercises, the module that you write; and the program that checks them.
func chapter(_ number: String, _ folder: String, _ name: String, _ dependencies: [String])
  -> [Target]
{
  [
    .target(
      name: name,
      dependencies: (dependencies + ["Checks"]).map(corfu),
      path: folder + "/Sources",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "check-" + number,
      dependencies: [.target(name: name), corfu("Checks")],
      path: folder + "/Check",
      swiftSettings: settings
    ),
  ]
}

let package = Package(
  name: "exercises",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "corfu", path: "..")],
  targets: chapter("01", "01-global-log", "GlobalLogExercises", ["GlobalLog"])
    + chapter("02", "02-sequencer", "SequencerExercises", ["GlobalLog", "Sequencer"])
    + chapter("03", "03-stripe-mirror", "StripeMirrorExercises", ["GlobalLog", "StripeMirror"])
    + chapter(
      "04",
      "04-copy-compaction",
      "CopyCompactionExercises",
      ["GlobalLog", "CopyCompaction"]
    )
    + chapter(
      "05",
      "05-write-once",
      "WriteOnceExercises",
      ["GlobalLog", "StripeMirror", "WriteOnce"]
    )
    + chapter(
      "06",
      "06-paxos-configurator",
      "PaxosConfiguratorExercises",
      ["GlobalLog", "PaxosConfigurator", "StripeMirror"]
    )
    + chapter(
      "07",
      "07-transactions",
      "TransactionsExercises",
      ["GlobalLog", "Sequencer", "Transactions"]
    )
    + chapter("08", "08-cluster", "ClusterExercises", ["GlobalLog", "Protocol"]) + [
      .executableTarget(
        name: "mycorfu",
        dependencies: [
          "CopyCompactionExercises", "GlobalLogExercises", "PaxosConfiguratorExercises",
          "SequencerExercises", "StripeMirrorExercises", "TransactionsExercises",
          "WriteOnceExercises",
          corfu("CopyCompaction"), corfu("GlobalLog"), corfu("PaxosConfigurator"),
          corfu("Protocol"), corfu("Repl"), corfu("Sequencer"), corfu("Simulation"),
          corfu("Stages"), corfu("StripeMirror"), corfu("WriteOnce"),
        ],
        path: "cluster",
        exclude: ["README.md"],
        swiftSettings: settings
      )
    ]
)
