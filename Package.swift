// swift-tools-version: 6.2
import PackageDescription

/// Kernels are compiled once per instruction set from one shared folder; the flags are x86-64's.
///
/// Their debug information would be thirty times their code.
func kernelSettings(architecture: String?) -> [SwiftSetting] {
  var flags = ["-Ounchecked", "-wmo", "-gnone"]
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

/// A C library of the system's package manager.
func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// The kernels of GPUs, as text in the program: NVRTC compiles them when they are first needed.
let cudaKernels: [Resource] = [
  "Elements", "Instructions", "Numbers", "Convolution", "GroupedConvolution", "FeatureMaps",
].map { .embedInCode("Kernels/\($0).cu") }

// For tests on Linux, which load it as the CUDA driver.
#if os(Linux)
  let simulatedGPUProducts: [Product] = [
    .library(name: "_DLASimulatedGPU", type: .dynamic, targets: ["_DLASimulatedGPU"])
  ]
  let simulatedGPUTargets: [Target] = [
    .target(
      name: "_DLASimulatedGPU", path: "Tests/_DLASimulatedGPU", exclude: ["README.md"],
      cxxSettings: [.headerSearchPath("../../Sources/DLACUDA/Kernels")])
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
      name: "_DLAFuzzer", dependencies: ["DLACore", "_DLAFuzzing"], path: "Fuzzing/Program",
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
      cSettings: [.headerSearchPath(".")]),
    .target(name: "DLACore", dependencies: ["CDLASystem"]),
    .target(name: "CDLAKernels"),
    .target(
      name: "DLAKernels", dependencies: ["CDLAKernels", "CDLAVector"],
      swiftSettings: kernelSettings(architecture: nil)),
    .target(
      name: "DLARuntime",
      dependencies: ["DLACore", "CDLAKernels", "CDLASystem"]),
    .target(
      name: "DLACUDA", dependencies: ["DLACore", "DLARuntime"], resources: cudaKernels),
    .target(
      name: "DLATraining", dependencies: ["DLACore", "DLARuntime", "DLACheckpoints", "DLAData"]),
    .target(name: "DLAModels", dependencies: ["DLACore"]),
    .target(name: "DLAArchive", dependencies: ["CDLAArchive", "DLACore"]),
    .target(name: "DLACheckpoints", dependencies: ["DLACore", "DLAArchive", "CDLAArchive"]),
    .target(name: "DLAHub", dependencies: ["DLACore", "CDLACurl", "CNettle"]),
    .target(
      name: "DLAData", dependencies: ["DLACore", "DLAArchive", "CTurboJPEG", "CSPNG", "CWebP"]),
    .target(
      name: "DLARecipes",
      dependencies: ["DLACore", "DLAData", "DLATraining", "DLAModels", "CYAML"]),
    .target(
      name: "DeepLayerAggregation",
      dependencies: [
        "DLACore", "DLARuntime", "DLACUDA", "DLAModels", "DLACheckpoints", "DLAData",
        "DLATraining", "DLARecipes", "CDLABuiltInModel",
      ] + kernelDependencies),
    .target(name: "DLAReport", dependencies: ["DLACore", "DLAData", "DLATraining"]),
    .executableTarget(
      name: "DLATool",
      dependencies: ["DeepLayerAggregation", "DLACore", "DLAHub", "DLAReport"]),
    example("FiveLines", product: "DeepLayerAggregation"),
    example("TrainingLoop", product: "DeepLayerAggregation"),
  ] + kernelTargets + simulatedGPUTargets + fuzzingTargets + [
    // Every build of the tests compiles the readers that are fuzzed.
    .target(
      name: "_DLAFuzzing", dependencies: ["DLACore", "DLACheckpoints", "DLAData", "DLARecipes"],
      path: "Fuzzing/Readers"),
    // References in float64, optimized also in debug builds.
    .target(
      name: "_DLATestSupport", dependencies: ["DLACore", "DLACheckpoints"],
      path: "Tests/_DLATestSupport", swiftSettings: [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "DLACUDATests",
      dependencies: [
        "DLACUDA", "DLARuntime", "DLAModels", "DLACheckpoints", "DLACore", "_DLATestSupport",
      ]),
    .testTarget(name: "DLACoreTests", dependencies: ["DLACore", "_DLATestSupport"]),
    .testTarget(
      name: "DLACheckpointsTests",
      dependencies: ["DLACheckpoints", "DLAModels", "_DLATestSupport"]),
    .testTarget(name: "DLAHubTests", dependencies: ["DLAHub", "DLACore", "_DLATestSupport"]),
    .testTarget(
      name: "DLADataTests",
      dependencies: ["DLAData", "DLACore", "DLACheckpoints", "_DLATestSupport"]),
    .testTarget(
      name: "DLAReportTests",
      dependencies: [
        "DLAReport", "DLAData", "DLATraining", "DLAHub", "DLACore", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DLAModelsTests", dependencies: ["DLAModels", "DLACheckpoints", "_DLATestSupport"]),
    .testTarget(
      name: "DLARuntimeTests",
      dependencies: [
        "CDLAKernels", "DLARuntime", "DLAModels", "DLACheckpoints", "_DLATestSupport",
      ] + kernelDependencies),
    .testTarget(
      name: "DLATrainingTests",
      dependencies: ["DLATraining", "DLARuntime", "DLAModels", "_DLATestSupport"]
        + kernelDependencies),
    .testTarget(
      name: "DLARecipesTests",
      dependencies: [
        "DLARecipes", "DLATraining", "DLAData", "DLAModels", "DLACore", "_DLATestSupport",
      ]),
    .testTarget(
      name: "DeepLayerAggregationTests",
      dependencies: ["DeepLayerAggregation", "_DLATestSupport"]),
    .testTarget(
      name: "DLAToolTests",
      dependencies: [
        "DLATool", "DeepLayerAggregation", "DLACheckpoints", "DLACore", "DLAHub", "DLAModels",
        "_DLATestSupport",
      ]),
  ],
  cxxLanguageStandard: .cxx20
)

// Test code is compiled for longer than it runs, so it is not optimized. `DLA_ONONE=1 swift build
// -c release` does the same with all but the kernels and the tests' references: the quick way to check
// a change, since debug builds can't have the kernels' whole-module optimization.
let isUnoptimized = Context.environment["DLA_ONONE"] != nil
for target in package.targets where [.regular, .executable, .test].contains(target.type) {
  let isHeavy = target.name.hasPrefix("DLAKernels") || target.name == "_DLATestSupport"
  var settings = target.swiftSettings ?? []
  if target.type == .test || isUnoptimized && !isHeavy {
    settings.append(.unsafeFlags(["-Onone"]))
  }
  // Warnings are errors with the compiler that CI uses; a later one may know more of them.
  #if compiler(>=6.3) && compiler(<6.4)
    if !isUnoptimized { settings.append(.treatAllWarnings(as: .error)) }
  #endif
  target.swiftSettings = settings
}
