import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Errors of `dla train` for unsuitable data and options, by the real binary.
struct TrainFailureTests {
  private let images: TrainingImages

  init() throws { images = try TrainingImages() }

  /// Trains with further options and without the option `old`.
  private func expectFailure(
    _ more: [String], replacing old: String? = nil, status: Int32 = 1, _ words: String...
  ) throws {
    var options = images.options("run")
    if let place = options.firstIndex(where: { $0 == old }) {
      options.removeSubrange(place...place + 1)
    }
    let run = try ToolRun(options + more)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.warnings.count == 1, "\(run.errors)")
    for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
  }

  @Test func anEmptyClassFolderIsNamed() throws {
    try FileManager.default.createDirectory(
      atPath: images.train + "/violet", withIntermediateDirectories: true)
    try expectFailure(
      [], "train/violet: the folder holds no JPEG, PNG, WebP or BMP file; add images of the class")
  }

  /// Before the training, not after the first epoch.
  @Test func validationDataAreCheckedFirst() throws {
    try FileManager.default.removeItem(atPath: images.folder.path("data/val/green"))
    try FileManager.default.createDirectory(
      atPath: images.folder.path("data/val/green"), withIntermediateDirectories: true)
    try expectFailure([], "val/green: the folder holds no JPEG, PNG, WebP or BMP file")
    let list = try images.folder.write("a.png gray\n", to: "list.txt")
    try expectFailure(
      ["--validation", list], "list.txt: holds no labelled images to validate",
      "a.png: label \"gray\" is not one of the 3 classes, line 1;")
    let other = try images.folder.write("a.png 1\na.png 3\n", to: "other.txt")
    try expectFailure(
      ["--validation", other], "label 3 of 3 classes, line 2; labels begin at 0, so 0 to 2 is")
  }

  @Test func missingDataAreNamed() throws {
    try expectFailure(
      ["--data", "nowhere"], replacing: "--data", "dla: nowhere: there is no such file or folder")
  }

  @Test func oneClassOnlyIsRefused() throws {
    let alone = try TemporaryFolder()
    for number in 0..<20 {
      try alone.write(TrainingImages.image(0, key: "\(number)").png(), to: "one/cat/\(number).png")
    }
    try expectFailure(
      ["--data", alone.path("one")], replacing: "--data",
      "all 20 samples are of one class, cat; images of two classes or more are expected")
  }

  @Test func aLossThatIsNotFiniteNamesStepAndLayer() throws {
    try expectFailure(
      ["--lr", "1e6", "--schedule", "constant"], replacing: "--lr", "the loss of step ",
      " is nan: ", "; lower the learning rate or use a warm-up")
    let files = try FileManager.default.contentsOfDirectory(atPath: images.folder.path("run"))
    #expect(!files.contains("last.safetensors"))
  }

  @Test func aBatchOfOneIsRefusedIfBatchNormSeesOneValue() throws {
    try expectFailure(
      ["--batch-size", "1"], replacing: "--batch-size",
      "a batch of one image of 32×32 pixels leaves batch norm one value per channel")
  }

  @Test func moreImagesABatchThanImagesAreRefused() throws {
    try expectFailure(
      ["--batch-size", "64"], replacing: "--batch-size",
      "there are 48 images, fewer than a batch of 64; lower --batch-size")
  }

  @Test func aFailedValidationLosesNoEpoch() throws {
    let files = FileManager.default
    let (data, kept) = (images.folder.path("data/val"), images.folder.path("kept"))
    try files.moveItem(atPath: data, toPath: kept)
    for name in TrainingImages.classes {
      try images.folder.write("no image", to: "data/val/\(name)/0.png")
    }
    let failed = try ToolRun(images.options("run", epochs: 1))
    #expect(failed.status == 1)
    #expect(
      failed.errorLines.last?.contains("no image of the validation data could be classified")
        == true)
    try files.removeItem(atPath: data)
    try files.moveItem(atPath: kept, toPath: data)
    let resumed = try ToolRun(images.options("run", epochs: 1) + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("resuming after 6 updates"))
    _ = try ToolRun(images.options("whole", epochs: 1))
    #expect(
      try images.bytes("run/last.safetensors") == images.bytes("whole/last.safetensors"))
  }

  @Test func unreadableImagesAreCountedAndSkipped() throws {
    for number in 0..<3 {
      try images.folder.write("no image", to: "data/train/green/bad\(number).png")
    }
    let link = images.folder.path("data/train/green/bad3.jpg")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "gone.jpg")
    let run = try ToolRun(images.options("some", epochs: 1))
    #expect(run.status == 1)
    #expect(run.warnings.count == 5)
    #expect(run.warnings.dropLast().allSatisfy { $0.contains("green/bad") })
    #expect(
      run.warnings.last == "dla: 4 images were skipped; --max-unreadable N accepts that")
    let accepted = try ToolRun(images.options("accepted", epochs: 1) + ["--max-unreadable", "4"])
    #expect(accepted.status == 0 && accepted.warnings.count == 4)
    let few = try ToolRun(images.options("few", epochs: 1) + ["--max-unreadable", "2"])
    #expect(few.status == 1)
    #expect(
      few.errorLines.last?.contains("3 images of this epoch can't be read, the last: ") == true)
    #expect(few.errorLines.last?.contains("--max-unreadable") == true)
  }

  @Test func whenNoImageCanBeReadItEnds() throws {
    let bad = try TemporaryFolder()
    for number in 0..<20 { try bad.write("no", to: "bad/\(number % 2)/\(number).png") }
    let run = try ToolRun(
      ["train", "--data", bad.path("bad"), "--output", bad.path("run"), "--crop", "32"]
        + ["--batch-size", "4", "--model", "dla46_c"])
    #expect(run.status == 1)
    #expect(
      run.errorLines.last?.contains("no image of the training data can be read; one is") == true,
      "\(run.errors)")
  }

  @Test func weightsOfAnotherNetworkAreRefused() throws {
    let start = images.folder.path("start.safetensors")
    try writeSyntheticWeights("dla46x_c", to: start)
    try expectFailure(["--weights", start], "these are the weights of dla46x_c, not of dla46_c")
  }

  @Test func aFileThatIsNoCheckpointDoesNotResume() throws {
    #expect(try ToolRun(images.options("run", epochs: 1)).status == 0)
    let checkpoint = "run/checkpoint.safetensors"
    let whole = try images.bytes(checkpoint)
    try images.folder.write(try images.bytes("run/last.safetensors"), to: checkpoint)
    try expectFailure(["--resume"], "is no checkpoint of a training")
    try images.folder.write(whole.prefix(whole.count / 2), to: checkpoint)
    try expectFailure(["--resume"], "checkpoint.safetensors: ")
    try images.folder.write("", to: checkpoint)
    try expectFailure(["--resume"], "checkpoint.safetensors: ")
  }

  @Test(arguments: [
    (["--freeze", "level9"], "\"level9\" is no part of the network with parameters"),
    (["--freeze", "level0..level5,fc"], "all parts of the network are frozen"),
    (["--lr-scale", "head=3"], "\"head\" is no part of the network with parameters"),
  ])
  func unknownPartsAreNamed(options: [String], words: String) throws {
    try expectFailure(options, words)
  }

  @Test func ratesAreOneMoreThanTheirEpochs() throws {
    try expectFailure(
      ["--schedule", "piecewise", "--lr-epochs", "1,2", "--lr-values", "1,2"], replacing: "--lr",
      status: 64, "3 learning rates are expected, one more than --lr-epochs")
  }

  @Test(arguments: [
    (["--lr-scale", "fc"], "PART=FACTOR,… is expected"),
    (["--class-weights", "1,x"], "balanced or one number per class is expected"),
    (["--aa", "rand-x1"], "contains \"x1\""), (["--aa", "auto"], "contains \"auto\""),
    (["--aa", "imagenet", "--rand-augment", "2,9"], "exclude each other"),
    (["--train-crop", "100"], "a multiple of 32 is expected"),
    (["--clip-norm", "1", "--clip-norm-each", "1"], "exclude each other"),
    (["--optimizer", "rmsprop", "--nesterov", "on"], "--nesterov applies to sgd"),
    (["--average-last", "0"], "--average-last is 0"),
    (["--validation-share", "0.2", "--validation", "."], "exclude each other"),
    (["--schedule", "step"], "--schedule step needs --lr-epochs E"),
    (
      ["--schedule", "piecewise", "--lr-epochs", "1,2", "--lr-values", "1,2"],
      "--lr and --lr-values exclude each other"
    ),
    (
      ["--schedule", "cosine", "--lr-epochs", "1"],
      "--lr-epochs applies to --schedule step or piecewise"
    ),
    (["images.tar"], "images.tar is not expected; name the images with --data PATH"),
    (["--dropout", "1"], "--dropout is 1; a number from 0.0 to 0.99 is expected"),
    (["--clip-norm", "1", "--clip-value", "1"], "exclude each other"),
    (["--warmup-lr", "1"], "--warmup-lr needs --warmup-epochs"),
    (["--new-head"], "--new-head needs --weights FILE or --pretrained"),
    (["--pretrained", "--weights", "a.safetensors"], "exclude each other"),
  ])
  func conflictingOptionsAreWrongUsage(options: [String], words: String) throws {
    try expectFailure(options, status: 64, words)
  }
}
