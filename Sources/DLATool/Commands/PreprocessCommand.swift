import DLACheckpoints
import DeepLayerAggregation

/// `dla preprocess`: exactly what a network sees of images.
enum PreprocessCommand: Command {
  static let name = "preprocess"
  static let summary = "Write what a network sees of images as tensors."
  static let synopsis = "[OPTION...] PATH... --output OUT.safetensors"
  static let options =
    PresetOptions.options + [Option("--output", "FILE", "The safetensors file to write.")]
  static let details = """
    For each file F, named without its folder, two tensors: F/pixels (uint8, H×W×3, after the crop) and
    F/input (float32, 3×H×W, normalised).
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard !arguments.positional.isEmpty else { throw UsageError("no PATH is given") }
    let output = try arguments.required("--output")
    let preprocessor = Preprocessor(
      try PresetOptions.options(arguments).applied(to: .timm))
    let found = ImagePaths(arguments.positional)
    for path in found.images { try OutputFile.requireApart(output, from: path) }
    found.problems.forEach(Console.warn)
    var isComplete = found.problems.isEmpty
    var pictures: [String: RGBImage] = [:]
    for path in found.images {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      do {
        guard pictures[file] == nil else {
          throw InputError("\(path): another file of this name was read; tensors would collide")
        }
        pictures[file] = try preprocessor.pixels(preprocessor.photograph(path))
      } catch {
        Console.warn("\(error)")
        isComplete = false
      }
    }
    guard !pictures.isEmpty else {
      throw InputError("\(output): is not written, since no image could be read")
    }
    try write(pictures, preprocessor, to: output)
    return isComplete
  }

  private static func write(
    _ pictures: [String: RGBImage], _ preprocessor: Preprocessor, to output: String
  ) throws {
    let files = pictures.sorted { $0.key < $1.key }
    var pixels: [String: RGBImage] = [:]
    var items: [SafetensorsWriter.Item] = []
    for (file, picture) in files {
      pixels["\(file)/pixels"] = picture
      items += [
        .init(
          name: "\(file)/pixels", dataType: .uint8, shape: [picture.height, picture.width, 3]),
        .init(name: "\(file)/input", shape: [3, picture.height, picture.width]),
      ]
    }
    try SafetensorsWriter(items: items).write(to: output) { item, sink in
      if let picture = pixels[item.name] {
        try picture.pixels.withUnsafeBytes { try sink.append(bytes: $0) }
      } else if let picture = pictures[String(item.name.dropLast("/input".count))] {
        try sink.append(preprocessor.normalized(picture).elements)
      }
    }
  }
}
