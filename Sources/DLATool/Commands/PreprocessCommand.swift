import DLACheckpoints
import DLASystem
import DeepLayerAggregation

/// `dla preprocess`: the input tensors of images.
enum PreprocessCommand: Command {
  static let name = "preprocess"
  static let summary = "Write preprocessed images as tensors."
  static let synopsis = "[OPTION...] PATH... --output OUT.safetensors"
  static let operands = Option.Values.files
  static let options =
    PresetOptions.options + [Option("--output", "FILE", "The safetensors file to write.")]
  static let details = """
    For each file F, named without its folder, two tensors are written:
      F/pixels  uint8, H×W×3, after the crop
      F/input   float32, 3×H×W, normalized
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard !arguments.positional.isEmpty else { throw UsageError("no PATH is given") }
    let output = try arguments.required("--output")
    let preprocessor = Preprocessor(try PresetOptions.options(arguments).applied(to: .timm))
    var found = ImagePaths()
    for path in arguments.positional { found.add(path) }
    for case .success(let path) in found.entries {
      try OutputFile.requireApart(output, from: path)
    }
    var isComplete = true
    var images: [String: RGBImage] = [:]
    for entry in found.entries {
      do {
        let path = try entry.get()
        let file = PathText.shown(path.split(separator: "/").last.map(String.init) ?? path)
        guard images[file] == nil else {
          throw InputError("\(path): a second file of this name; tensor names would collide")
        }
        images[file] = try preprocessor.pixels(preprocessor.image(orStandardInput: path))
      } catch {
        Console.warn(error, in: Self.self)
        isComplete = false
      }
    }
    guard !images.isEmpty else {
      throw InputError("\(output): not written, no image could be read")
    }
    try write(images, preprocessor, to: output)
    return isComplete
  }

  private static func write(
    _ images: [String: RGBImage], _ preprocessor: Preprocessor, to output: String
  ) throws {
    let files = images.sorted { $0.key < $1.key }
    var pixels: [String: RGBImage] = [:]
    var items: [SafetensorsWriter.Item] = []
    for (file, image) in files {
      pixels["\(file)/pixels"] = image
      items += [
        .init(name: "\(file)/pixels", dataType: .uint8, shape: [image.height, image.width, 3]),
        .init(name: "\(file)/input", shape: [3, image.height, image.width]),
      ]
    }
    try SafetensorsWriter(items: items).write(to: output) { item, sink in
      if let image = pixels[item.name] {
        try image.pixels.withUnsafeBytes { try sink.append(bytes: $0) }
      } else if let image = images[String(item.name.dropLast("/input".count))] {
        try sink.append(preprocessor.normalized(image).elements)
      }
    }
  }
}
