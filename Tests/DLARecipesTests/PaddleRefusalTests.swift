import DLARecipes
import Testing

struct PaddleRefusalTests {
  private static let train = "DataLoader.Train.dataset.transform_ops"
  private static let eval = "DataLoader.Eval.dataset.transform_ops"

  @Test(arguments: [
    (
      "Globl.x=1", RecipeError.Code.unknownName,
      "the key \"Globl\" is not known; did you mean Global"
    ),
    ("Arch.name=DLA35", .unknownName, "did you mean dla34"),
    ("Arch.class_nums=3", .unknownName, "did you mean class_num"),
    ("Arch=x", .unsuitableValue, "Arch is x; a mapping is expected"),
    ("Arch=[1]", .unsuitableValue, "Arch is a list of 1 value; a mapping is expected"),
    ("Arch.name=None", .missing, "Arch has no name"),
    ("Arch.name=[DLA34]", .unsuitableValue, "Arch.name is a list of 1 value; a text"),
    ("Arch.class_num=0", .unsuitableValue, "a whole number from 1 to 1048576"),
    ("Arch.class_num=10.0", .unsuitableValue, "Arch.class_num is 10.0"),
    ("Arch.drop_rate=1", .unsuitableValue, "a number from 0 to below 1"),
    ("Arch.in_chans=1", .unsupported, "is 1, which is not supported; remove it or set it to 3"),
    ("Arch.with_pool=False", .unsupported, "set it to True"),
    ("Arch.pretrained={a: 1}", .unsuitableValue, "a path or an address"),
    ("Global=None", .missing, "the recipe has no Global"),
    ("Global.epochs=None", .missing, "Global has no epochs"),
    ("Global.epochs=-1", .unsuitableValue, "Global.epochs is -1"),
    ("Global.epochs=100001", .unsuitableValue, "from 1 to 100000"),
    ("Global.epochs=ten", .unsuitableValue, "Global.epochs is ten"),
    ("Global.epochs=99999999999999999999", .unsuitableValue, "Global.epochs is"),
    ("Global.seed=-1", .unsuitableValue, "Global.seed is -1"),
    ("Global.update_freq=0", .unsuitableValue, "Global.update_freq"),
    ("Global.eval_interval=0", .unsuitableValue, "Global.eval_interval"),
    ("Global.print_batch_step=0", .unsuitableValue, "Global.print_batch_step"),
    ("Global.eval_during_train=maybe", .unsuitableValue, "True or False"),
    ("Global.output_dir=''", .unsuitableValue, "Global.output_dir"),
    ("Global.device=tpu", .unknownName, "Global.device \"tpu\" is not known; did you mean"),
    ("Global.checkpoints=./x", .unsupported, "Global.checkpoints is ./x, which is not supported"),
    ("Global.eval_mode=retrieval", .unsupported, "set it to 'classification'"),
    ("Global.train_mode=progressive", .unsupported, "remove it"),
    ("AMP.use_mp=True", .unknownName, "did you mean use_amp"),
    ("EMA.decay=1", .unsuitableValue, "EMA.decay is 1"),
    ("EMA=0.9", .unsuitableValue, "EMA is 0.9; a mapping"),
    ("Slim={name: prune}", .unsupported, "Slim is a mapping of 1 key, which is not supported"),
    ("Loss=None", .missing, "the recipe has no Loss"),
    ("Loss.Train=None", .missing, "Loss has no Train"),
    ("Loss.Train={CELoss: {}}", .unsuitableValue, "a list of names with settings"),
    ("Loss.Train=[CELoss]", .unsuitableValue, "Loss.Train.0 is CELoss; one name with"),
    ("Loss.Train=[{a: 1, b: 2}]", .unsuitableValue, "one name with its settings"),
    ("Loss.Train=[{CELoss: }, {CELoss: }]", .unsupported, "Loss.Train has 2 losses"),
    (
      "Loss.Train=[{MultiLabelLoss: }]", .unsupported,
      "Loss.Train.0.MultiLabelLoss is not supported"
    ),
    ("Loss.Train=[{CEloss: }]", .unknownName, "did you mean CELoss"),
    ("Loss.Train.0.CELoss.epsilon=1", .unsuitableValue, "a number from 0 to below 1"),
    ("Loss.Train.0.CELoss.reduction=sum", .unsupported, "set it to 'mean'"),
    ("Loss.Eval=[{GoogLeNetLoss: }]", .unsupported, "Loss.Eval.0.GoogLeNetLoss"),
    ("Optimizer=[{Momentum: {}}]", .unsupported, "one optimizer, a mapping with a name"),
    ("Optimizer.name=AdamWDL", .unsupported, "Optimizer.name is AdamWDL, which is not supported"),
    ("Optimizer.name=Momentun", .unknownName, "did you mean Momentum"),
    ("Optimizer.name=AdamW", .unsuitableValue, "Optimizer.momentum is no setting of AdamW"),
    ("Optimizer.name=SGD", .unsuitableValue, "Optimizer.momentum is no setting of SGD"),
    ("Optimizer.beta1=0.9", .unsuitableValue, "Optimizer.beta1 is no setting of Momentum"),
    ("Optimizer.rho=0.9", .unsuitableValue, "Optimizer.rho is no setting of Momentum"),
    ("Optimizer.momentum=None", .missing, "Optimizer has no momentum"),
    ("Optimizer.momentum=1", .unsuitableValue, "Optimizer.momentum is 1"),
    ("Optimizer.clip_norm=-1", .unsuitableValue, "Optimizer.clip_norm is -1"),
    ("Optimizer.regularizer={name: L1, coeff: 0.1}", .unsupported, "regularizer.name is L1"),
    ("Optimizer.regularizer={coeff: 0.1}", .missing, "Optimizer.regularizer has no name"),
    ("Optimizer.regularizer.coeff=-1", .unsuitableValue, "a number of 0 or more"),
    ("Optimizer.weight_decay=.inf", .unsuitableValue, "Optimizer.weight_decay is .inf"),
    ("Optimizer={name: AdamW, lr: {learning_rate: 1}}", .missing, "Optimizer has no weight_decay"),
    ("Optimizer.lr=None", .missing, "Optimizer has no lr"),
    ("Optimizer.lr.name=Cosin", .unknownName, "did you mean Cosine"),
    ("Optimizer.lr.name=Cyclic", .unsupported, "Optimizer.lr.name is Cyclic"),
    ("Optimizer.lr.cycle=True", .unsupported, "Optimizer.lr.cycle is True"),
    ("Optimizer.lr.name=Step", .missing, "Optimizer.lr has no step_size"),
    ("Optimizer.lr.learning_rate=0", .unsuitableValue, "a number above 0"),
    ("Optimizer.lr.learning_rate=.nan", .unsuitableValue, "learning_rate is .nan"),
    ("Optimizer.lr.learning_rate=1/0", .unsuitableValue, "learning_rate is 1/0"),
    ("Optimizer.lr.learning_rate=1e999", .unsuitableValue, "learning_rate is 1e999"),
    ("Optimizer.lr.learning_rate=True", .unsuitableValue, "learning_rate is True"),
    ("Optimizer.lr.learning_rate=None", .missing, "Optimizer.lr has no learning_rate"),
    ("Optimizer.lr.eta_min=-1", .unsuitableValue, "Optimizer.lr.eta_min"),
    ("Optimizer.lr.warmup_epoch=-1", .unsuitableValue, "Optimizer.lr.warmup_epoch"),
    ("Optimizer.lr.warmup_start_lr=-1", .unsuitableValue, "Optimizer.lr.warmup_start_lr"),
    ("Optimizer.lr={name: Piecewise}", .missing, "Optimizer.lr has no decay_epochs"),
    ("Optimizer.lr={name: Piecewise, decay_epochs: [3]}", .missing, "Optimizer.lr has no values"),
    (
      "Optimizer.lr={name: Piecewise, decay_epochs: [3], values: [1]}", .unsuitableValue,
      "a list of 2"
    ),
    (
      "Optimizer.lr={name: Piecewise, decay_epochs: [3, 3], values: [1, 1, 1]}", .unsuitableValue,
      "each epoch after the one before it"
    ),
    (
      "Optimizer.lr={name: Piecewise, decay_epochs: [3], values: [1, 0]}", .unsuitableValue,
      "Optimizer.lr.values.1 is 0"
    ),
    ("Optimizer.lr={name: Piecewise, decay_epochs: 3, values: [1, 1]}", .unsuitableValue, "a list"),
    (
      "Optimizer.lr={name: Piecewise, decay_epochs: [x], values: [1, 1]}", .unsuitableValue,
      "Optimizer.lr.decay_epochs.0 is x"
    ),
    ("DataLoader=None", .missing, "the recipe has no DataLoader"),
    ("DataLoader.Eval=None", .missing, "DataLoader has no Eval"),
    ("DataLoader.Train.dataset.name=Cifar10", .unsupported, "dataset.name is Cifar10"),
    ("DataLoader.Train.dataset.name=ImagenetDataset", .unknownName, "did you mean ImageNetDataset"),
    ("DataLoader.Train.dataset.image_root=None", .missing, "has no image_root"),
    ("DataLoader.Train.dataset.cls_label_path=None", .missing, "has no cls_label_path"),
    ("DataLoader.Train.dataset.delimiter='::'", .unsuitableValue, "one ASCII character"),
    ("DataLoader.Train.dataset.relabel=True", .unsupported, "relabel is True"),
    ("DataLoader.Train.sampler.batch_size=0", .unsuitableValue, "from 1 to 65536"),
    ("DataLoader.Train.sampler.batch_size=None", .missing, "has no batch_size"),
    ("DataLoader.Train.sampler.shuffle=False", .unsupported, "always in random order"),
    ("DataLoader.Train.sampler.name=PKSampler", .unsupported, "sampler.name is PKSampler"),
    ("DataLoader.Train.loader.workers=1", .unknownName, "did you mean num_workers"),
    (
      "DataLoader.Eval.dataset.batch_transform_ops=[{MixupOperator: }]", .unsupported,
      "DataLoader.Eval.dataset.batch_transform_ops"
    ),
    ("\(train)=None", .missing, "has no transform_ops"),
    ("\(train).0.DecodeImage.to_rgb=False", .unsupported, "to_rgb is False"),
    ("\(train).0.DecodeImage.backend=pil", .unsupported, "another backend than"),
    ("\(train).1.RandCropImage.size=60", .unsuitableValue, "a multiple of 32"),
    ("\(train).1.RandCropImage.size=[64, 96]", .unsuitableValue, "a square"),
    ("\(train).1.RandCropImage.scale=[1, 0.5]", .unsuitableValue, "the lower first"),
    ("\(train).1.RandCropImage.scale=[0.5]", .unsuitableValue, "a list of 2"),
    ("\(train).1.RandCropImage.backend=turbo", .unknownName, "did you mean"),
    ("\(train).1.RandCropImage.interpolation=lanczos", .unsupported, "supported are area, bicubic"),
    ("\(train).2.RandFlipImage.flip_code=0", .unsupported, "set it to 1"),
    ("\(train).3.NormalizeImage.scale=import os", .unsuitableValue, "a number above 0"),
    ("\(train).3.NormalizeImage.std=[0, 1, 1]", .unsuitableValue, "std.0 is 0"),
    ("\(train).3.NormalizeImage.mean=[0, 0]", .unsuitableValue, "a list of 3"),
    ("\(train).3.NormalizeImage.order=chw", .unsupported, "order is not supported"),
    ("\(train).3.NormalizeImage.mean=[0.1, 0.4, 0.3]", .unsupported, "another mean or std"),
    ("\(train).2={GridMask: }", .unsupported, "GridMask is not supported; supported are"),
    ("\(train).2={RandFlip: }", .unknownName, "did you mean RandFlipImage"),
    ("\(eval).1.ResizeImage.size=64", .unsupported, "ResizeImage.size is 64"),
    ("\(eval).1.ResizeImage.resize_short=None", .missing, "has no resize_short"),
    ("\(eval).1.ResizeImage.interpolation=random", .unsupported, "is random"),
    ("\(eval).0.DecodeImage.to_np=False", .unsupported, "beside backend: pil"),
    ("\(eval).2.CropImage.size=None", .missing, "has no size"),
    ("\(eval).2={RandCropImage: {size: 64}}", .unsupported, "RandCropImage is not supported"),
    ("Metric.Eval=[{mAP: }]", .unsupported, "Metric.Eval.0.mAP is not supported"),
    ("Metric.Eval.0.TopkAcc.topk=[5, 1]", .unsupported, "does not begin with 1"),
    ("Metric.Eval.0.TopkAcc.topk=[0]", .unsuitableValue, "topk.0 is 0"),
  ])
  func unsupportedSettingsAreRefused(option: String, code: RecipeError.Code, words: String) throws {
    let error = try #require(throws: RecipeError.self) { try recipe(option) }
    #expect(error.code == code, "\(error.message)")
    #expect(error.message.contains(words), "\(error.message)")
    #expect(!error.message.contains("\n"))
  }

  @Test func recipesOfTheOlderFormatAreNamed() throws {
    let text = "mode: 'train'\nARCHITECTURE:\n    name: 'DLA34'\nTRAIN:\n    batch_size: 256\n"
    let error = try #require(throws: RecipeError.self) {
      try PaddleRecipe(Array(text.utf8), name: "old.yaml")
    }
    #expect(error.code == .unsupported)
    #expect(error.message.hasPrefix("old.yaml, line 2: ARCHITECTURE is of the format before"))
  }

  @Test(arguments: [
    ("{FmixOperator: }", "FmixOperator is not supported"),
    ("{Mixup: }", "or MixupOperator?"),
    ("{MixupOperator: }, {CutmixOperator: }", "has 2 operators"),
    ("{MixupOperator: {alpha: 0}}", "alpha is 0"), ("{MixupOperator: {alpha: 1e9}}", "alpha is"),
    ("{OpSampler: }", "a mapping of names is expected"),
    ("{OpSampler: {MixupOperator: {prob: 0.7}, CutmixOperator: {prob: 0.7}}}", "add up to 1.4"),
    ("{OpSampler: {FmixOperator: {prob: 0.7}}}", "FmixOperator is not supported"),
    ("{OpSampler: {MixupOperator: {prob: 2}}}", "a number from 0 to 1"),
  ])
  func mixesThatCantBeFollowedAreRefused(operators: String, words: String) throws {
    let error = try #require(throws: RecipeError.self) {
      try recipe("DataLoader.Train.dataset.batch_transform_ops=[\(operators)]")
    }
    #expect(error.message.contains(words), "\(error.message)")
  }

  @Test(arguments: [
    ("  epochs: 90", "  epochs: 0", "r.yaml, line 2: Global.epochs is 0; a whole number"),
    ("  epochs: 90", "  epoch: 90", "r.yaml, line 2: the key of Global \"epoch\" is not known"),
    ("  epochs: 90\n", "", "r.yaml, line 2: Global has no epochs"),
    (
      "  epochs: 90", "  epochs: 90\n  epochs: 91",
      "r.yaml, line 3: the key \"epochs\" was set in line 2"
    ),
    (
      "    learning_rate: 0.2", "    learning_rate: -0.2",
      "r.yaml, line 26: Optimizer.lr.learning_rate"
    ),
    ("batch_size: 32", "batch_size: 1e9", "r.yaml, line 45: DataLoader.Train.sampler.batch_size"),
    ("Optimizer:\n", "Optimizers:\n", "r.yaml, line 21: the key \"Optimizers\" is not known"),
    ("- ToCHWImage:\n", "- ToCHWImage: [\n", "r.yaml, line "),
  ])
  func errorsNameTheLine(text: String, other: String, words: String) throws {
    let error = try #require(throws: RecipeError.self) { try recipe(replacing: text, by: other) }
    #expect(error.message.hasPrefix(words), "\(error.message)")
  }

  @Test func otherFilesAreRefused() throws {
    for (text, words) in [
      ("", "r.yaml, line 1: the recipe has no Global"), ("[1]", "the recipe is a list of 1 value"),
      ("text", "the recipe is text; a mapping is expected"), ("{}", "the recipe has no Global"),
    ] {
      let error = try #require(throws: RecipeError.self) {
        try PaddleRecipe(Array(text.utf8), name: "r.yaml")
      }
      #expect(error.message.contains(words), "\(error.message)")
    }
  }

  @Test func namesOfFilesAndKeysAreShownOnOneLine() throws {
    let error = try #require(throws: RecipeError.self) {
      try PaddleRecipe(Array("\"a\\n\\u202eb\": 1\n".utf8), name: "x\ny.yaml")
    }
    #expect(
      error.message.hasPrefix("x\\u{a}y.yaml, line 1: the key \"a\\u{a}\\u{202e}b\" is not known"))
  }
}
