// TrainClassifier FOLDER RUN CLASS...: trains a small network on the images in a folder for each class.
import DeepLayerAggregationTraining

let names = CommandLine.arguments.dropFirst(3).map(\.self)
let classes = ClassNames(count: names.count, names: names)
let folder = CommandLine.arguments[1]
let data = try TrainingData(
  DatasetSource(folder).open(classes: classes), classes: classes, name: folder)

var recipe = TrainingRecipe()
recipe.epochs = 3
recipe.batchSize = 8
recipe.learningRate = LearningRateRecipe(base: 0.02, curve: .cosine())
recipe.augmentation = Augmentation(crop: .padded(4))
var setup = try TrainingSetup(
  Variant.named("dla46_c"), data: data, recipe: recipe,
  preset: Preset(name: "small", convention: .pil, resizeShort: 32, crop: 32))
setup.validation = data.dataset

let training = Training(setup, folder: CommandLine.arguments[2])
for try await event in training {
  if case .logged(.epoch(let epoch)) = event { print("epoch \(epoch.epoch): loss \(epoch.loss)") }
}
let classifier = try Classifier(weights: training.folder.best)
print("classes: \(classifier.labels.joined(separator: ", "))")
