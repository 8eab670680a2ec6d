// FiveLines IMAGE: the three most probable classes of an image, and its feature pyramid.
import DeepLayerAggregation

let classifier = try Classifier.builtIn()
for prediction in try await classifier.classify(path: CommandLine.arguments[1], top: 3) {
  print(prediction.label ?? "\(prediction.index)", prediction.probability)
}
let image = try classifier.preprocessor.image(path: CommandLine.arguments[1])
for map in try await classifier.features(image, levels: 2...5) {
  print("level\(map.level)", map.tensor.shape, "stride", map.stride, "channels", map.channels)
}
