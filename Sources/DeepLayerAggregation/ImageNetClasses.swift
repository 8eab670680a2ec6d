import CDLABuiltInModel

/// The thousand classes of ImageNet-1k (ILSVRC 2012), in the order of the published networks'
/// scores: sorted by synset.
///
/// The synsets and their names are those of WordNet 3.0, as timm lists them. Two names belong to
/// two classes each: "crane" (134 the bird, 517 the machine) and "maillot" (638 and 639, a swimsuit
/// both).
public enum ImageNetClasses {
  /// What each class is called, for instance "tench"; the first of the synset's names.
  public static let names = lines.map { line in
    String(line.drop { $0 != " " }.dropFirst().prefix { $0 != "," })
  }

  /// The WordNet synset of each class, for instance "n01440764".
  public static let synsets = lines.map { line in String(line.prefix { $0 != " " }) }

  /// One "synset name, name" for each class.
  private static var lines: [Substring] {
    let begin = dla_imagenet_classes_begin_address()
    let end = dla_imagenet_classes_end_address()
    let bytes = UnsafeRawBufferPointer(
      start: begin, count: begin.flatMap { begin in end.map { $0 - begin } } ?? 0)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
