// A training loop of one's own: TrainingLoop FOLDER, with a folder of images for each class.
import DeepLayerAggregation

let folder = CommandLine.arguments[1]
let names = CommandLine.arguments.dropFirst(2).map(\.self)
let classes = ClassNames(count: names.count, names: names)
let data = try TrainingData(
  DatasetSource(folder).open(classes: classes), classes: classes, name: folder)

var recipe = TrainingRecipe()
recipe.epochs = 3
recipe.batchSize = 8
recipe.rate = RateRecipe(rate: 0.02, curve: .cosine())
recipe.augmentation = Augmentation(crop: .padded(4))
let preset = Preset(name: "small", convention: .pil, resizeShort: 32, crop: 32)

let variant = try Variant.named("dla46_c")
let batchesPerEpoch = data.samples / recipe.batchSize
let trainer = try Trainer(
  variant.graph(classes: classes.count), recipe: recipe, side: preset.crop,
  updatesPerEpoch: batchesPerEpoch)
let source = TrainingBatches.Source(data, recipe: recipe, preprocessor: Preprocessor(preset))
for epoch in 0..<recipe.epochs {
  let batches = try TrainingBatches(source, epoch: epoch)
  var sum = 0.0
  for _ in 0..<batchesPerEpoch {
    let (images, labels) = try batches.next()
    sum += try trainer.learn(images, labels: labels)
    trainer.update()
  }
  print("epoch \(epoch + 1): loss \(sum / Double(batchesPerEpoch))")
}
let network = try Network(variant, weights: trainer.weights, classes: classes.count)
let classifier = try Classifier(network, preset: preset, classNames: classes)
print("classes: \(classifier.labels.joined(separator: ", "))")
