// swift-tools-version: 6.2
import PackageDescription

// The folders of the modules under test are links to ../Sources, so that only they are built, all
// of them with libFuzzer's instrumentation. Scripts/fuzz.sh builds and runs this.

/// One program with the entry point that libFuzzer calls instead of a main function.
func harness(_ name: String, tests dependency: Target.Dependency) -> Target {
  .executableTarget(
    name: name, dependencies: [dependency, "DLAGraph", "DLATensor"],
    swiftSettings: [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
  name: "swift-dla-fuzzing",
  platforms: [.macOS(.v15)],
  targets: [
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg"),
    .systemLibrary(name: "CSPNG", pkgConfig: "spng"),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebp"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
    .target(name: "CDLASystem"),
    .target(name: "CDLAArchive"),
    .target(name: "DLASystem", dependencies: ["CDLASystem"]),
    .target(name: "DLAText", dependencies: ["DLASystem"]),
    .target(name: "DLATensor", dependencies: ["DLASystem"]),
    .target(name: "DLAGraph", dependencies: ["DLATensor"]),
    .target(name: "DLAArchive", dependencies: ["DLASystem", "DLAText", "CDLAArchive"]),
    .target(
      name: "DLACheckpoints",
      dependencies: ["DLAArchive", "DLAGraph", "DLASystem", "DLATensor", "DLAText", "CDLAArchive"]),
    .target(
      name: "DLAData",
      dependencies: [
        "DLAArchive", "DLASystem", "DLATensor", "DLAText", "CTurboJPEG", "CSPNG", "CWebP",
      ]),
    .target(name: "DLAModels", dependencies: ["DLAGraph", "DLAText"]),
    // Only its recipes; the rest of it trains networks.
    .target(name: "DLATraining", dependencies: ["DLAData"]),
    .target(
      name: "DLARecipes",
      dependencies: ["DLAData", "DLAModels", "DLASystem", "DLAText", "DLATraining", "CYAML"]),
    harness("FuzzSafetensors", tests: "DLACheckpoints"),
    harness("FuzzCheckpoints", tests: "DLACheckpoints"),
    harness("FuzzImages", tests: "DLAData"),
    harness("FuzzDatasets", tests: "DLAData"),
    harness("FuzzRecipes", tests: "DLARecipes"),
  ]
)
