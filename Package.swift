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

/// The modules that decode what comes from others or from a disk, and what that needs.
let decoding: [Target.Dependency] = [
  "CorfuBench", "CorfuCluster", "CorfuGlobalLog", "CorfuNode", "CorfuPaxosConfigurator",
  "CorfuProtocol", "CorfuRepl", "CorfuSequencer", "CorfuSimulation", "CorfuStages",
  "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
]

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
    .library(name: "CorfuCluster", targets: ["CorfuCluster"]),
    .library(name: "Corfu", targets: ["Corfu"]),
    .library(name: "CorfuClient", targets: ["CorfuClient"]),
    .library(name: "CorfuSimulation", targets: ["CorfuSimulation"]),
    .library(name: "CorfuStages", targets: ["CorfuStages"]),
    .library(name: "CorfuChecks", targets: ["CorfuChecks"]),
    .library(name: "CorfuRepl", targets: ["CorfuRepl"]),
    .executable(name: "corfu", targets: ["CorfuCommand"]),
    .executable(name: "corfu-example", targets: ["ExampleCommand"]),
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
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // Builds the documentation ('make docs'), and is part of no product.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(name: "CPlatform", path: "Sources/CPlatform", exclude: ["README.md"]),
    .target(
      name: "CReadline",
      path: "Sources/CReadline",
      exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("readline")]
    ),

    module("GlobalLog", ["CPlatform"]),
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
    module(
      "Client",
      [
        "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator", "CorfuProtocol",
        "CorfuSequencer", "CorfuStripeMirror", "CorfuWriteOnce",
      ]
    ),
    module("Transactions", ["CorfuClient", "CorfuGlobalLog", "CorfuProtocol", "CorfuSequencer"]),
    module(
      "Cluster",
      [
        "CPlatform", "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuStripeMirror",
        "CorfuTransactions", "CorfuWriteOnce",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    // What a program imports, in one.
    .target(
      name: "Corfu",
      dependencies: [
        "CorfuClient", "CorfuCluster", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuProtocol",
        "CorfuSequencer", "CorfuStages", "CorfuStripeMirror", "CorfuTransactions",
      ],
      path: "Sources/Library",
      exclude: ["README.md"],
      swiftSettings: settings
    ),
    module(
      "Simulation",
      [
        "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuStages",
        "CorfuStripeMirror",
        "CorfuTransactions", "CorfuWriteOnce",
      ]
    ),
    module(
      "Stages",
      [
        "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuStripeMirror",
        "CorfuTransactions",
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
        "CReadline", "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuSimulation",
        "CorfuStages", "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
      ]
    ),
    module(
      "Bench",
      [
        "CPlatform", "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuSequencer", "CorfuSimulation",
        "CorfuCluster", "CorfuStages", "CorfuStripeMirror", "CorfuTransactions",
        "CorfuWriteOnce",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .executableTarget(
      name: "CorfuCommand",
      dependencies: [
        "CPlatform", "CorfuClient", "CorfuBench", "CorfuChecks", "CorfuCluster", "CorfuGlobalLog",
        "CorfuNode", "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuRepl", "CorfuSequencer",
        "CorfuSimulation", "CorfuStages", "CorfuStripeMirror", "CorfuTransactions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Sources/Command",
      exclude: ["README.md"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "ExampleCommand",
      dependencies: ["Corfu"],
      path: "Sources/Example",
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
        "CorfuClient", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
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
        "CorfuClient", "CorfuGlobalLog", "CorfuNode", "CorfuProtocol", "CorfuSequencer",
        "CorfuSimulation", "CorfuStages", "CorfuTransactions",
      ]
    ),
    tests("Library", ["Corfu"]),
    tests(
      "Simulation",
      ["CorfuGlobalLog", "CorfuSequencer", "CorfuSimulation", "CorfuStripeMirror"]
    ),
    tests(
      "Repl",
      [
        "CorfuClient", "CorfuRepl", "CorfuProtocol", "CorfuGlobalLog", "CorfuSequencer",
        "CorfuStages",
        "CorfuSimulation", "CorfuStripeMirror", "CorfuTransactions",
      ],
      exclude: ["Transcripts"]
    ),
    tests(
      "Cluster",
      [
        "CorfuClient", "CorfuCluster", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuNode",
        "CorfuPaxosConfigurator", "CorfuProtocol", "CorfuRepl", "CorfuSequencer",
        "CorfuSimulation", "CorfuStripeMirror", "CorfuTransactions", "CorfuWriteOnce",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]
    ),
    tests(
      "Bench",
      [
        "CorfuBench", "CorfuCluster", "CorfuGlobalLog", "CorfuProtocol", "CorfuSequencer",
        "CorfuStripeMirror",
        .product(name: "NIOCore", package: "swift-nio"),
      ]
    ),
    tests(
      "Checks",
      [
        "CorfuChecks", "CorfuCopyCompaction", "CorfuGlobalLog", "CorfuPaxosConfigurator",
        "CorfuProtocol",
        "CorfuSequencer", "CorfuSimulation", "CorfuStripeMirror", "CorfuTransactions",
        "CorfuWriteOnce",
      ]
    ),
    tests("Course", ["CourseCommand"]),
    tests("Fuzz", decoding),
    tests("Tidy"),
  ]
)

// `Scripts/fuzz` builds what those tests and libFuzzer have in common as a library, without tests.
if Context.environment["CORFU_FUZZ"] != nil {
  package.targets.removeAll { $0.type == .test }
  package.targets.append(
    .target(
      name: "CorfuFuzz",
      dependencies: decoding,
      path: "Tests/FuzzTests/Targets",
      swiftSettings: settings
    )
  )
}
