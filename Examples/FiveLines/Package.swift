// swift-tools-version: 6.2
import PackageDescription

/// A program that uses one product of the library and nothing else.
func program(_ name: String, product: String = "DeepLayerAggregation") -> Target {
  .executableTarget(
    name: name, dependencies: [.product(name: product, package: "swift-dla")],
    swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")])
}

let package = Package(
  name: "FiveLines",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-dla", path: "../..")],
  targets: [
    program("FiveLines"), program("PublicTypes"),
    program("TrainClassifier", product: "DeepLayerAggregationTraining"),
  ]
)
