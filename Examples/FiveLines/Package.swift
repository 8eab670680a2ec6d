// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "FiveLines",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-dla", path: "../..")],
  targets: [
    .executableTarget(
      name: "FiveLines",
      dependencies: [.product(name: "DeepLayerAggregation", package: "swift-dla")]),
    .executableTarget(
      name: "TrainingLoop",
      dependencies: [.product(name: "DeepLayerAggregation", package: "swift-dla")]),
  ]
)
