// swift-tools-version: 6.2
import PackageDescription

/// Kernels are compiled once per instruction set from one shared folder; the flags are x86-64's.
///
/// Their debug information would be thirty times their code. Swift's own elimination of loads and
/// stores compares all of a tile's with each other, which takes half of the compilation; LLVM does the
/// same afterwards.
func kernelSettings(architecture: String?) -> [SwiftSetting] {
  var flags = ["-Ounchecked", "-wmo", "-Xfrontend", "-gnone"]
  for pass in ["redundant-load-elimination", "dead-store-elimination"] {
    flags += ["-Xllvm", "-sil-disable-pass=\(pass)"]
  }
  if let architecture { flags += ["-Xcc", "-march=\(architecture)"] }
  return [.unsafeFlags(flags)]
}

#if arch(x86_64)
  let kernelTargets: [Target] = [
    .target(
      name: "DLAKernelsAVX2", dependencies: ["CDLAKernels", "CDLAVector"],
      swiftSettings: kernelSettings(architecture: "x86-64-v3")),
    .target(
      name: "DLAKernelsAVX512", dependencies: ["CDLAKernels", "CDLAVector"],
      swiftSettings: kernelSettings(architecture: "x86-64-v4")),
  ]
  /// Only what is linked needs them: the engine finds kernels by their C names, so nothing waits for
  /// them to be compiled.
  let kernelDependencies: [Target.Dependency] = [
    "DLAKernels", "DLAKernelsAVX2", "DLAKernelsAVX512",
  ]
#else
  let kernelTargets: [Target] = []
  let kernelDependencies: [Target.Dependency] = ["DLAKernels"]
#endif

/// Files in the program, by `#embed` of C23.
let embedding: [CSetting] = [.unsafeFlags(["-std=c23"])]
/// The kernels of GPUs, as text: NVRTC compiles them when they are first needed.
let cudaKernels = [
  "Elements", "Instructions", "Numbers", "Convolution", "GroupedConvolution", "FeatureMaps",
].map { "\($0).cu" }

/// A C library of the system's package manager.
func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

// For tests on Linux, which load it as the CUDA driver.
#if os(Linux)
  let simulatedGPUProducts: [Product] = [
    .library(name: "_DLASimulatedGPU", type: .dynamic, targets: ["_DLASimulatedGPU"])
  ]
  let simulatedGPUTargets: [Target] = [
    .target(
      name: "_DLASimulatedGPU", path: "Tests/_DLASimulatedGPU", exclude: ["README.md"],
      cxxSettings: [.headerSearchPath("../../Sources/CDLACUDAKernels")])
  ]
#else
  let simulatedGPUProducts: [Product] = []
  let simulatedGPUTargets: [Target] = []
#endif

/// The program of `make fuzz`, which Scripts/fuzz.sh asks for: libFuzzer brings its main function.
let isFuzzing = Context.environment["DLA_FUZZING"] != nil
let fuzzingProducts: [Product] =
  isFuzzing ? [.executable(name: "dla-fuzz", targets: ["_DLAFuzzer"])] : []
let fuzzingTargets: [Target] =
  isFuzzing
  ? [
    .executableTarget(
      name: "_DLAFuzzer", dependencies: ["DLASystem", "_DLAFuzzing"], path: "Fuzzing/Program",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ] : []

/// A program of the example package, compiled here without access to what only this package sees.
///
/// Scripts/check-example.sh runs it.
func example(_ name: String, product: String) -> Target {
  .executableTarget(
    name: name, dependencies: [.byName(name: product)], path: "Examples/FiveLines/Sources/\(name)",
    packageAccess: false)
}

let package = Package(
  name: "swift-dla",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "DeepLayerAggregation", targets: ["DeepLayerAggregation"]),
    .library(
      name: "DeepLayerAggregationTraining", targets: ["DeepLayerAggregationTraining"]),
    .executable(name: "dla", targets: ["DLATool"]),
  ] + simulatedGPUProducts + fuzzingProducts,
  targets: [
    systemLibrary(
      "CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev", brew: "jpeg-turbo"),
    systemLibrary("CSPNG", pkgConfig: "spng", apt: "libspng-dev", brew: "libspng"),
    systemLibrary("CWebP", pkgConfig: "libwebp", apt: "libwebp-dev", brew: "webp"),
    systemLibrary("CNettle", pkgConfig: "nettle", apt: "nettle-dev", brew: "nettle"),
    systemLibrary("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev", brew: "libyaml"),
    .target(name: "CDLASystem"),
    .target(name: "CDLAArchive"),
    .target(name: "CDLAVector"),
    .target(name: "CDLACurl"),
    .target(
      name: "CDLABuiltInModel", exclude: ["cifar10-dla46_c.safetensors", "imagenet-1k.txt"],
      cSettings: embedding),
    .target(name: "CDLACUDAKernels", exclude: cudaKernels, cSettings: embedding),
    .target(
      name: "CDLAReportPage", exclude: ["page.css", "page.js"], cSettings: embedding),
    .target(name: "DLASystem", dependencies: ["CDLASystem"]),
    .target(name: "DLAText", dependencies: ["DLASystem"]),
    .target(name: "DLATensor", dependencies: ["DLASystem"]),
    .target(name: "DLAGraph", dependencies: ["DLATensor"]),
    .target(name: "DLABackend", dependencies: ["DLAGraph", "DLASystem", "DLATensor"]),
    .target(name: "CDLAKernels"),
    .target(
      name: "DLAKernels", dependencies: ["CDLAKernels", "CDLAVector"],
      swiftSettings: kernelSettings(architecture: nil)),
    .target(
      name: "DLACPU",
      dependencies: [
        "DLABackend", "DLAGraph", "DLASystem", "DLATensor", "CDLAKernels", "CDLASystem",
      ]),
    .target(
      name: "DLACUDA",
      dependencies: [
        "DLABackend", "DLAGraph", "DLASystem", "DLATensor", "DLAText", "CDLACUDAKernels",
      ]),
    .target(
      name: "DLATraining",
      dependencies: [
        "DLACPU", "DLACheckpoints", "DLAData", "DLAGraph", "DLASystem", "DLATensor", "DLAText",
      ]),
    .target(name: "DLAModels", dependencies: ["DLAGraph", "DLAText"]),
    .target(name: "DLAArchive", dependencies: ["CDLAArchive", "DLASystem", "DLAText"]),
    .target(
      name: "DLACheckpoints",
      dependencies: [
        "DLAArchive", "DLAGraph", "DLASystem", "DLATensor", "DLAText", "CDLAArchive",
      ]),
    .target(name: "DLAHub", dependencies: ["DLASystem", "DLAText", "CDLACurl", "CNettle"]),
    .target(
      name: "DLAData",
      dependencies: [
        "DLAArchive", "DLASystem", "DLATensor", "DLAText", "CTurboJPEG", "CSPNG", "CWebP",
      ]),
    .target(
      name: "DLARecipes",
      dependencies: ["DLAData", "DLAModels", "DLASystem", "DLAText", "DLATraining", "CYAML"]),
    .target(
      name: "DeepLayerAggregation",
      dependencies: [
        "DLABackend", "DLACPU", "DLACUDA", "DLACheckpoints", "DLAData", "DLAGraph", "DLAModels",
        "DLASystem", "DLATensor", "DLAText", "CDLABuiltInModel",
      ] + kernelDependencies),
    .target(
      name: "DeepLayerAggregationTraining",
      dependencies: [
        "DeepLayerAggregation", "DLACPU", "DLACheckpoints", "DLAData", "DLAGraph", "DLAModels",
        "DLARecipes", "DLASystem", "DLATensor", "DLAText", "DLATraining",
      ]),
    .target(
      name: "DLAReport",
      dependencies: ["DLAData", "DLASystem", "DLAText", "DLATraining", "CDLAReportPage"]),
    .executableTarget(
      name: "DLATool",
      dependencies: [
        "DeepLayerAggregationTraining", "DeepLayerAggregation", "DLABackend", "DLACPU", "DLACUDA",
        "DLACheckpoints", "DLAData", "DLAGraph", "DLAHub", "DLAModels", "DLARecipes", "DLAReport",
        "DLASystem", "DLATensor", "DLAText", "DLATraining",
      ]),
    example("FiveLines", product: "DeepLayerAggregation"),
    example("PublicTypes", product: "DeepLayerAggregation"),
    example("TrainClassifier", product: "DeepLayerAggregationTraining"),
  ] + kernelTargets + simulatedGPUTargets + fuzzingTargets + [
    // Every build of the tests compiles the readers that are fuzzed.
    .target(
      name: "_DLAFuzzing",
      dependencies: [
        "DLACheckpoints", "DLAData", "DLAGraph", "DLARecipes", "DLASystem", "DLAText",
      ],
      path: "Fuzzing/Readers"),
    // References in float64, optimized in every build.
    .target(
      name: "_DLATestSupport",
      dependencies: ["DLACheckpoints", "DLAGraph", "DLASystem", "DLATensor"],
      path: "Tests/_DLATestSupport", swiftSettings: [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "DLACUDATests",
      dependencies: [
        "DLABackend", "DLACUDA", "DLACheckpoints", "DLAGraph", "DLAModels", "DLASystem",
        "DLATensor", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DLASystemTests",
      dependencies: ["DLASystem", "DLATensor", "DLAText", "_DLATestSupport"]),
    .testTarget(
      name: "DLACheckpointsTests",
      dependencies: [
        "DLACheckpoints", "DLAGraph", "DLAModels", "DLASystem", "DLATensor", "DLAText",
        "_DLATestSupport",
      ]),
    .testTarget(name: "DLAHubTests", dependencies: ["DLAHub", "DLASystem", "_DLATestSupport"]),
    .testTarget(
      name: "DLADataTests",
      dependencies: [
        "DLAData", "DLACheckpoints", "DLASystem", "DLATensor", "DLAText", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DLAReportTests",
      dependencies: [
        "DLAReport", "DLAData", "DLATraining", "DLAHub", "DLASystem", "DLATensor",
        "_DLATestSupport",
      ]),
    .testTarget(
      name: "DLAModelsTests",
      dependencies: ["DLAModels", "DLACheckpoints", "DLATensor", "_DLATestSupport"]),
    .testTarget(
      name: "DLACPUTests",
      dependencies: [
        "DLABackend", "DLACPU", "DLACheckpoints", "DLAGraph", "CDLAKernels", "DLAModels",
        "DLASystem", "DLATensor", "_DLATestSupport",
      ] + kernelDependencies),
    .testTarget(
      name: "DLATrainingTests",
      dependencies: [
        "DLATraining", "DLACPU", "DLACheckpoints", "DLAData", "DLAGraph", "DLAModels", "DLASystem",
        "DLATensor", "_DLATestSupport",
      ] + kernelDependencies),
    .testTarget(
      name: "DLARecipesTests",
      dependencies: [
        "DLARecipes", "DLATraining", "DLAData", "DLAModels", "DLATensor", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DeepLayerAggregationTests",
      dependencies: [
        "DeepLayerAggregationTraining", "DeepLayerAggregation", "DLABackend", "DLACPU",
        "DLACheckpoints", "DLAData", "DLAGraph", "DLAModels", "DLASystem", "DLATensor",
        "DLATraining", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DLAToolTests",
      dependencies: [
        "DLATool", "DeepLayerAggregationTraining", "DeepLayerAggregation", "DLACheckpoints",
        "DLAData", "DLAGraph", "DLAHub", "DLAModels", "DLASystem", "DLATensor", "DLAText",
        "DLATraining", "_DLATestSupport",
      ]),
  ],
  cxxLanguageStandard: .cxx20
)

// Test code is compiled for longer than it runs, and so are the command's options, the reports, the
// reader of recipes and the downloads, none of which loops over pixels: they are not optimized.
// `DLA_ONONE=1 swift build -c release` does the same with all but the kernels and the tests' references:
// the quick way to check a change, since debug builds can't have the kernels' whole-module optimization.
let coldTargets: Set = ["DLATool", "DLAReport", "DLARecipes", "DLAHub"]
let isUnoptimized = Context.environment["DLA_ONONE"] != nil
for target in package.targets where [.regular, .executable, .test].contains(target.type) {
  let isHeavy = target.name.hasPrefix("DLAKernels") || target.name == "_DLATestSupport"
  var settings = target.swiftSettings ?? []
  if target.type == .test || coldTargets.contains(target.name) || isUnoptimized && !isHeavy {
    settings.append(.unsafeFlags(["-Onone", "-Xfrontend", "-gnone"]))
  }
  // Warnings are errors with the compiler that CI uses; a later one may know more of them.
  #if compiler(>=6.3) && compiler(<6.4)
    if !isUnoptimized { settings.append(.treatAllWarnings(as: .error)) }
  #endif
  target.swiftSettings = settings
}
