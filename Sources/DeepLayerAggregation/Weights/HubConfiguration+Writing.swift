import DLACheckpoints
import DLAData
import DLAGraph
import DLASystem
import DLAText

extension WeightsDescription {
  /// Writes timm's `config.json` for weights of a network, so that timm's `create_model("local-dir:…")`
  /// loads the folder.
  ///
  /// timm resizes as PIL does, whatever the preset's convention is.
  ///
  /// - Throws: `FileError` if the file can't be written.
  package func writeHubConfiguration(of graph: Graph, to path: String) throws {
    let preset = preset ?? .timm
    func list(_ values: some Sequence<String>) -> String { "[\(values.joined(separator: ", "))]" }
    let inChannels = graph[graph.input].channels
    func colours(_ values: SIMD3<Float>) -> String {
      list(inChannels == 1 ? ["\(values.average)"] : (0..<3).map { "\(values[$0])" })
    }
    let classes = graph[graph.logits].channels
    let names = identifiers.isEmpty ? self.classes : identifiers
    var members = [
      ("architecture", jsonText(model ?? "")), ("num_classes", "\(classes)"),
      ("global_pool", jsonText("avg")),
    ]
    if !names.isEmpty { members.append(("label_names", list(names.map(jsonText)))) }
    if !identifiers.isEmpty {
      let words = zip(identifiers, self.classes).map { "\(jsonText($0)): \(jsonText($1))" }
      members.append(("label_descriptions", "{\(words.joined(separator: ", "))}"))
    }
    members.append(
      (
        "model_args",
        "{\"num_classes\": \(classes), \"in_chans\": \(inChannels), \"global_pool\": \"avg\"}"
      ))
    let interpolation =
      switch preset.resampling.interpolation {
      case .bilinear: "bilinear"
      case .bicubic: "bicubic"
      case .area: "box"
      }
    let configuration = [
      ("input_size", list(["\(inChannels)", "\(preset.crop)", "\(preset.crop)"])),
      ("fixed_input_size", "false"), ("interpolation", jsonText(interpolation)),
      ("crop_pct", "\(preset.cropFraction)"), ("crop_mode", jsonText("center")),
      ("mean", colours(preset.mean)), ("std", colours(preset.standardDeviation)),
      ("num_classes", "\(classes)"), ("first_conv", jsonText("base_layer.0")),
      ("classifier", jsonText("fc")),
    ].map { "    \(jsonText($0)): \($1)" }
    members.append(("pretrained_cfg", "{\n\(configuration.joined(separator: ",\n"))\n  }"))
    let text = members.map { "  \(jsonText($0)): \($1)" }.joined(separator: ",\n")
    let file = try ReplacementFile(path: path)
    try Array("{\n\(text)\n}\n".utf8).withUnsafeBytes { try file.append($0) }
    try file.commit()
  }
}

extension Preset {
  /// The ratio of the crop to the shorter side, of which timm computes that side again exactly.
  fileprivate var cropFraction: Double {
    let fraction = Double(crop) / Double(resizeShort)
    return Int(Double(crop) / fraction) == resizeShort ? fraction : fraction.nextDown
  }
}
