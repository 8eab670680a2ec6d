// Compiles if a program finds the types that a reader would guess, and none has a name of Foundation.
import DeepLayerAggregation
import Foundation

/// Classes, features and scores of an image whose bytes are in memory.
func describe(_ image: RGBImage, with classifier: Classifier) async throws -> [Prediction] {
  let pyramid: [FeatureMap] = try await classifier.features(image)
  let input: Tensor = try classifier.preprocessor.input(image)
  let network: Network = classifier.network
  let scores = try await network.run(Tensor(shape: [1] + input.shape, elements: input.elements))
  precondition(pyramid.count == 6 && scores.logits.shape == [1, network.classes])
  return try await classifier.classify(image)
}

let device: Device = .cpu
let precision: Precision = .fp32
let preset: Preset = .timm
let configuration = Network.Configuration(device: device, precision: precision, threads: 1)
let classifier = try Classifier.builtIn(
  preprocessing: .init(mean: preset.mean), configuration: configuration)
let gray = RGBImage(width: 32, height: 32, pixels: Array(repeating: 128, count: 32 * 32 * 3))
print(try await describe(gray, with: classifier).count, "classes")
