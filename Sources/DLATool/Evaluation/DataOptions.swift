import DeepLayerAggregation

/// Which labelled images a command reads.
enum DataOptions {
  /// How lists are read, wherever they are.
  static let lists = [
    Option(
      "--image-root", "FOLDER",
      "Where relative paths of a list begin. Default: the folder the list is in."),
    Option("--image-column", "NAME", "The column of a CSV file that holds paths."),
    Option("--label-column", "NAME", "The column of a CSV file that holds labels."),
  ]

  static let options =
    [Option("--data", "PATH", "Labelled images: a folder, a list, a CSV file, or tar shards.")]
    + lists + [
      Option("--shuffle-seed", "N", "Read in an order that follows from N. Default: as they are."),
      Option("--limit", "N", "Samples to evaluate at most. Default: all."),
    ]

  static let details = """
    --data is one of
      a folder of folders, one a class, named as the classes, by their numbers or, if there are as
      many of them, in alphabetical order (ImageNet's validation folder with its synset names is one);
      a list of "path label" lines, as PaddleClas has them; a CSV file with a header;
      tar shards as WebDataset writes them (.jpg and .cls), plain or gzip: a file, a folder of them,
      or a pattern such as 'shard-{000..123}.tar'.
    Labels are numbers counted from 0 or names of classes. --labels names the classes: one a line, or
    PaddleClas's label map, or a list of synsets.
    """

  static func source(_ arguments: Arguments) throws -> DatasetSource {
    source(arguments, path: try arguments.required("--data"))
  }

  /// What is at a path, read as the options say.
  ///
  /// `imageRoot` is where relative paths of a list begin unless they say otherwise.
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
