import DLAData
import DLAText

/// Reads bytes as timm's `config.json`.
func readConfiguration(_ bytes: UnsafeRawBufferPointer) {
  do throws(Fault) {
    let configuration = try HubConfiguration(Array(bytes))
    let preset = try configuration.preset()
    precondition(
      (1...Preprocessor.maxSide).contains(preset.crop)
        && (1...Preprocessor.maxSide).contains(preset.resizeShort), "the preset is unchecked")
    _ = Preprocessor(preset)
    let (names, identifiers) = try configuration.classes()
    precondition(
      identifiers.isEmpty || identifiers.count == names.count, "names and identifiers differ")
  } catch {
    requireOneLine(error.text)
  }
}
