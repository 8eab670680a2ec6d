import DeepLayerAggregation

enum DataOptions {
  static let lists = [
    Option(
      "--image-root", "FOLDER",
      "Base of relative paths in a list. Default: the folder of the list."),
    Option("--image-column", "COLUMN", "CSV column of image paths. Default: by its name."),
    Option("--label-column", "COLUMN", "CSV column of labels. Default: by its name."),
  ]

  static let options =
    [Option("--data", "PATH", "Labelled images: a folder, a list, a CSV file or tar shards.")]
    + lists + [
      Option("--shuffle-seed", "N", "Shuffle with this seed. Default: no shuffling."),
      Option("--limit", "N", "Maximum number of samples. Default: all."),
    ]

  static let details = """
    Formats of --data:
      folder  One subfolder per class, named by class name or index; otherwise, if the count matches,
              in alphabetical order. ImageNet's validation folder with synset names is supported.
      list    Lines "path label", the format of PaddleClas.
      CSV     A file with a header.
      tar     WebDataset shards (.jpg and .cls), plain or gzip: a file, a folder of shards, or a
              pattern such as 'shard-{000..123}.tar'.

    Labels are class indices from 0 or class names. The file of --labels has one class name per line,
    or is a label map of PaddleClas or a list of synsets.
    """

  static func source(_ arguments: Arguments) throws -> DatasetSource {
    source(arguments, path: try arguments.required("--data"))
  }

  /// The data at a path.
  ///
  /// `imageRoot` is the base of relative paths in a list, unless the options name another.
  static func source(
    _ arguments: Arguments, path: String, imageRoot: String? = nil
  ) -> DatasetSource {
    DatasetSource(
      path, imageRoot: arguments["--image-root"] ?? imageRoot,
      imageColumn: arguments["--image-column"], labelColumn: arguments["--label-column"])
  }

  static func seed(_ arguments: Arguments) throws -> Int? {
    try arguments.integer("--shuffle-seed", in: 0...Int.max)
  }

  static func dataset(
    _ source: DatasetSource, classes: ClassNames, seed: Int?
  ) throws -> any Dataset {
    let dataset = try source.open(classes: classes)
    guard let seed else { return dataset }
    return try dataset.shuffled(seed: UInt64(seed))
  }
}
