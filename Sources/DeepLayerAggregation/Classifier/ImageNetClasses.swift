import CDLABuiltInModel
import DLAData

/// The thousand classes of ImageNet-1k (ILSVRC 2012), in the order of the published networks'
/// scores: sorted by synset.
///
/// The synsets and their names are those of WordNet 3.0, as timm lists them. Two names belong to
/// two classes each: "crane" (134 the bird, 517 the machine) and "maillot" (638 and 639, a swimsuit
/// both).
public enum ImageNetClasses {
  /// The number of classes.
  public static let count = 1000

  /// The name of each class, for instance "tench"; the first of the synset's names.
  public static let names = lines.map { line in
    String(Substring(line.drop { $0 != space }.dropFirst().prefix { $0 != comma }))
  }

  /// The WordNet synset of each class, for instance "n01440764".
  public static let synsets = lines.map { line in String(Substring(line.prefix { $0 != space })) }

  /// The classes with names and synsets.
  public static let all = ClassNames(count: count, names: names, identifiers: synsets)

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")
  private static let comma = UInt8(ascii: ",")

  /// One "synset name, name" for each class.
  private static var lines: [Substring.UTF8View] {
    let bytes = UnsafeRawBufferPointer(
      start: dla_imagenet_classes.bytes, count: dla_imagenet_classes.size)
    return String(decoding: bytes, as: UTF8.self).utf8.split(separator: newline)
  }
}
