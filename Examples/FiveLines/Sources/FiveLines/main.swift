import DeepLayerAggregation

let classifier = try Classifier.builtIn()
let photograph = try classifier.preprocessor.image(path: CommandLine.arguments[1])
for prediction in try classifier.classify(photograph, top: 3) {
  print(prediction.label ?? "\(prediction.index)", prediction.probability)
}
for (level, map) in try classifier.features(photograph).enumerated() {
  print("level\(level)", map.shape)
}
