import DeepLayerAggregation

/// `dla preprocess`: exactly what a network sees of photographs.
enum PreprocessCommand: Command {
  static let name = "preprocess"
  static let summary = "Write what a network sees of photographs as tensors."
  static let synopsis = "PATH... --preset timm|paddle --output OUT.safetensors"
  static let options =
    PresetOptions.options + [Option("--output", "FILE", "The safetensors file to write.")]
  static let details = """
    For each file F, named without its folder, two tensors: F/pixels (uint8, H×W×3, after the crop) and
    F/input (float32, 3×H×W, normalised).
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard !arguments.positional.isEmpty else { throw UsageError("no PATH is given") }
    _ = try arguments.required("--preset")
    let output = try arguments.required("--output")
    let preprocessor = Preprocessor(try PresetOptions.preset(arguments))
    let (paths, problems) = ImagePaths.expand(arguments.positional)
    problems.forEach(Console.warn)
    var isComplete = problems.isEmpty
    var writer = SafetensorsWriter()
    var names = Set<String>()
    for path in paths {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      do {
        guard names.insert(file).inserted else {
          throw FileError("\(path): another file of this name was read; tensors would collide")
        }
        let pixels = try preprocessor.pixels(preprocessor.load(path))
        try writer.add("\(file)/pixels", shape: [pixels.height, pixels.width, 3], pixels.pixels)
        try writer.add("\(file)/input", preprocessor.normalize(pixels))
      } catch {
        Console.warn("\(error)")
        isComplete = false
      }
    }
    try writer.write(to: output)
    return isComplete
  }
}
