// swift-tools-version: 6.2
import PackageDescription

/// One list for every Swift target: what we ask of the compiler, everywhere alike.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// A library module: folder `Sources/Name`, target `CorfuName`.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: "Corfu" + name,
    dependencies: dependencies,
    path: "Sources/" + name,
    exclude: ["README.md"],
    swiftSettings: settings
  )
}

/// The tests of one module: folder `Tests/NameTests`.
func tests(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: dependencies,
    exclude: exclude,
    swiftSettings: settings
  )
}

let package = Package(
  name: "corfu",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "CorfuGlobalLog", targets: ["CorfuGlobalLog"]),
    .library(name: "CorfuSequencer", targets: ["CorfuSequencer"]),
    .library(name: "CorfuCopyCompaction", targets: ["CorfuCopyCompaction"]),
    .library(name: "CorfuStripeMirror", targets: ["CorfuStripeMirror"]),
    .library(name: "CorfuWriteOnce", targets: ["CorfuWriteOnce"]),
    .library(name: "CorfuPaxosConfigurator", targets: ["CorfuPaxosConfigurator"]),
    .library(name: "CorfuTransactions", targets: ["CorfuTransactions"]),
    .library(name: "CorfuProtocol", targets: ["CorfuProtocol"]),
    .library(name: "CorfuNode", targets: ["CorfuNode"]),
    .library(name: "Corfu", targets: ["Corfu"]),
    .library(name: "CorfuSimulation", targets: ["CorfuSimulation"]),
    .library(name: "CorfuStages", targets: ["CorfuStages"]),
    .library(name: "CorfuChecks", targets: ["CorfuChecks"]),
    .library(name: "CorfuRepl", targets: ["CorfuRepl"]),
    .executable(name: "corfu", targets: ["CorfuCommand"]),
    .executable(name: "corfu-planted", targets: ["PlantedCommand"]),
    .executable(name: "course", targets: ["CourseCommand"]),
  ],
  traits: [
    .trait(
      name: "PlantedBugs",
      description: "Compiles in the bugs that the checkers must find. For tests of the tests only."
    )
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(name: "CSystem", path: "Sources/CSystem", exclude: ["README.md"]),
    .target(
      name: "CReadline",
      path: "Sources/CReadline",
      exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("readline")]
    ),

    module("GlobalLog", ["CSystem"]),
    module("Sequencer", ["CorfuGlobalLog"]),
    module("CopyCompaction", ["CorfuGlobalLog"]),
    module("StripeMirror", ["CorfuGlobalLog", "CorfuSequencer"]),
    module("WriteOnce", ["CorfuGlobalLog", "CorfuSequencer", "CorfuStripeMirror"]),
    module("PaxosConfigurator", ["CorfuGlobalLog", "CorfuSequencer", "CorfuStripeMirror"]),
    module(
      "Protocol",
      [
        "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuSequencer",
        "CorfuStripeMirror", "CorfuWriteOnce",
      ]
    ),
    module(
      "Node",
      [
        "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuProtocol",
        "CorfuSequencer",
        "CorfuStripeMirror", "CorfuWriteOnce",
      ]
    ),
    .target(
      name: "Corfu",
      dependencies: [
        "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuProtocol",
        "CorfuSequencer", "CorfuStripeMirror", "CorfuWriteOnce",
      ],
      path: "Sources/Client",
      exclude: ["README.md"],
      swiftSettings: settings
    ),
    module("Transactions", ["Corfu", "CorfuGlobalLog", "CorfuProtocol", "CorfuSequencer"]),
    module(
      "Simulation",
      [
        "Corfu", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode", "CorfuPaxosConfigurator",
        "CorfuProtocol", "CorfuSequencer", "CorfuStages", "CorfuStripeMirror",
        "CorfuTransactions", "CorfuWriteOnce",
      ]
    ),
    module(
      "Stages",
      [
        "Corfu", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode", "CorfuPaxosConfigurator",
        "CorfuProtocol", "CorfuSequencer", "CorfuStripeMirror", "CorfuTransactions",
        "CorfuWriteOnce",
      ]
    ),
    module(
      "Checks",
      [
        "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuSequencer",
        "CorfuSimulation", "CorfuStages", "CorfuStripeMirror", "CorfuTransactions",
        "CorfuWriteOnce",
      ]
    ),
    module(
      "Repl",
      [
        "CReadline", "Corfu", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuSimulation",
        "CorfuStages", "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
      ]
    ),
    module(
      "Bench",
      [
        "CSystem", "Corfu", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuSimulation",
        "CorfuStages", "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]
    ),
    .executableTarget(
      name: "CorfuCommand",
      dependencies: [
        "CorfuBench", "CorfuChecks", "CorfuGlobalLog", "CorfuProtocol", "CorfuRepl",
        "CorfuSequencer", "CorfuSimulation", "CorfuStages", "CorfuStripeMirror",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Command",
      exclude: ["README.md"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "PlantedCommand",
      dependencies: [
        "CorfuGlobalLog", "CorfuSimulation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Planted",
      exclude: ["README.md"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "CourseCommand",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/Course",
      exclude: ["README.md"],
      swiftSettings: settings
    ),

    tests("GlobalLog", ["CorfuGlobalLog", "CorfuSimulation", "CorfuChecks"]),
    tests(
      "Sequencer",
      ["CorfuSequencer", "CorfuGlobalLog", "CorfuChecks", "CorfuSimulation", "CorfuStages"]
    ),
    tests(
      "StripeMirror",
      [
        "CorfuStripeMirror", "CorfuChecks", "CorfuGlobalLog", "CorfuSequencer", "CorfuSimulation",
        "CorfuStages",
      ]
    ),
    tests(
      "Client",
      [
        "Corfu", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuSimulation",
        "CorfuStages", "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
      ]
    ),
    tests(
      "CopyCompaction",
      [
        "CorfuChecks", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuSequencer",
        "CorfuSimulation", "CorfuStages", "CorfuStripeMirror",
      ]
    ),
    tests(
      "WriteOnce",
      [
        "CorfuGlobalLog", "CorfuSequencer", "CorfuSimulation", "CorfuStripeMirror",
        "CorfuWriteOnce",
      ]
    ),
    tests(
      "PaxosConfigurator",
      [
        "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuSequencer", "CorfuSimulation",
        "CorfuStripeMirror",
      ]
    ),
    tests(
      "Protocol",
      [
        "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer",
        "CorfuSimulation", "CorfuStripeMirror", "CorfuWriteOnce",
      ]
    ),
    tests(
      "Node",
      [
        "CorfuGlobalLog", "CorfuNode", "CorfuPaxosConfigurator", "CorfuProtocol",
        "CorfuSequencer", "CorfuSimulation", "CorfuStripeMirror", "CorfuWriteOnce",
      ]
    ),
    tests(
      "Transactions",
      [
        "Corfu", "CorfuGlobalLog", "CorfuNode", "CorfuProtocol", "CorfuSequencer",
        "CorfuSimulation", "CorfuStages", "CorfuTransactions",
      ]
    ),
    tests("Simulation", ["CorfuGlobalLog", "CorfuSimulation"]),
    tests(
      "Repl",
      [
        "Corfu", "CorfuRepl", "CorfuProtocol", "CorfuGlobalLog", "CorfuSequencer", "CorfuStages",
        "CorfuSimulation", "CorfuStripeMirror", "CorfuTransactions",
      ],
      exclude: ["Transcripts"]
    ),
    tests("Bench", ["CorfuBench", "CorfuGlobalLog", "CorfuStripeMirror"]),
    tests(
      "Checks",
      [
        "CorfuChecks", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator",
        "CorfuSequencer", "CorfuSimulation", "CorfuStripeMirror", "CorfuTransactions",
        "CorfuWriteOnce",
      ]
    ),
    tests("Course", ["CourseCommand"]),
    tests("Tidy"),
  ]
)
