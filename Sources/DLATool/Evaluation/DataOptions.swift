import DeepLayerAggregation

enum DataOptions {
  static let lists = [
    Option(
      "--image-root", "FOLDER",
      "Base of relative paths in a list. Default: the folder of the list."),
    Option(
      "--delimiter", "CHARACTER",
      "Before the label of a list: tab, comma, or any character. Default: the last tab or space."),
    Option("--image-column", "COLUMN", "CSV column of image paths. Default: by its name."),
    Option("--label-column", "COLUMN", "CSV column of labels. Default: by its name."),
  ]

  static let options =
    [Option("--data", "PATH", "Labelled images: a folder, a list, a CSV file or tar shards.")]
    + lists + [
      Option("--shuffle-seed", "N", "Shuffle with this seed. Default: no shuffling."),
      Option("--limit", "N", "Maximum number of samples. Default: all."),
    ]

  static let maxUnreadable = Option(
    "--max-unreadable", "N", "Images that may fail before the exit status is 1. Default: 0.")

  static func maxUnreadable(_ arguments: Arguments) throws(UsageError) -> Int {
    try arguments.integer("--max-unreadable", in: 0...Int.max) ?? 0
  }

  static let details = """
    Formats of --data:
      folder  One subfolder per class, named by class name or index; otherwise, if the count matches,
              in alphabetical order. ImageNet's validation folder with synset names is supported.
      list    Lines "path label", the format of PaddleClas; --delimiter names another delimiter.
      CSV     A file with a header.
      tar     WebDataset shards (.jpg and .cls), plain or gzip, zstd, xz or bzip2: a file, a folder
              of shards, or a pattern such as 'shard-{000..123}.tar'.

    Labels are class indices from 0 or class names. The file of --labels has one class name per line,
    or is a label map of PaddleClas or a list of synsets.
    """

  static func source(_ arguments: Arguments) throws -> DatasetSource {
    try source(arguments, path: arguments.required("--data"))
  }

  /// The data at a path.
  ///
  /// `imageRoot`, the base of relative paths in a list, and `delimiter` give way to the options'.
  static func source(
    _ arguments: Arguments, path: String, imageRoot: String? = nil, delimiter: Character? = nil
  ) throws(UsageError) -> DatasetSource {
    DatasetSource(
      path, imageRoot: arguments["--image-root"] ?? imageRoot,
      delimiter: try Self.delimiter(arguments) ?? delimiter,
      imageColumn: arguments["--image-column"], labelColumn: arguments["--label-column"])
  }

  private static func delimiter(_ arguments: Arguments) throws(UsageError) -> Character? {
    guard let text = arguments["--delimiter"] else { return nil }
    if let named = ["tab": "\t", "\\t": "\t", "comma": ",", "space": " "][text] {
      return Character(named)
    }
    guard text.utf8.count == 1, let character = text.first, character.isASCII else {
      throw UsageError("--delimiter is \(text); tab, comma or one ASCII character is expected")
    }
    return character
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
