import DLAData
import Testing

/// A preset is written to the metadata of a weights file and read back equal.
struct PresetMetadataTests {
  @Test func everyPresetIsReadBack() throws {
    for convention in ImageConvention.allCases {
      for appliesOrientation in [nil, false, true] {
        let preset = Preset(
          name: "mine, \"\(convention)\"\n", convention: convention,
          appliesOrientation: appliesOrientation, resizeShort: 97, crop: Preprocessor.maxSide,
          mean: [-0.0, 1e-38, 0.1], standardDeviation: [-3.4e38, .leastNonzeroMagnitude, 1 / 3])
        #expect(try Preset(metadata: preset.metadata) == preset)
        #expect(try Preset(metadata: preset.metadata)?.mean.x.sign == .minus)
      }
    }
    for preset in Preset.all { #expect(try Preset(metadata: preset.metadata) == preset) }
  }

  @Test(arguments: Resampling.Interpolation.allCases, [nil] + ImageConvention.allCases)
  func interpolationAndDecoderAreReadBack(
    interpolation: Resampling.Interpolation, convention: ImageConvention?
  ) throws {
    let preset = Preset(
      name: "mine", convention: .opencv, decoder: convention,
      resampling: Resampling(interpolation, convention: convention))
    #expect(try Preset(metadata: preset.metadata) == preset)
  }

  @Test func metadataWithoutAPresetHaveNone() throws {
    #expect(try Preset(metadata: [:]) == nil)
    #expect(try Preset(metadata: ["format": "pt", "model": "dla34"]) == nil)
  }

  @Test func aKnownNameStandsForItsConvention() throws {
    for preset in Preset.all {
      var metadata = preset.metadata
      metadata["image_convention"] = nil
      metadata["exif_orientation"] = nil
      #expect(try Preset(metadata: metadata) == preset)
    }
  }

  @Test(arguments: [
    ("preset", nil), ("resize_short", nil), ("crop", nil), ("mean", nil), ("std", nil),
    ("image_convention", "gdi"), ("image_convention", ""), ("exif_orientation", "yes"),
    ("resize_short", "0"), ("resize_short", "16385"), ("crop", "224.0"), ("crop", " 224"),
    ("mean", "0.5,0.5"), ("mean", "0.5,0.5,"), ("mean", "0,0,nan"), ("mean", "1,2,3,4"),
    ("std", "1,1,0"), ("std", "1,1,inf"), ("std", "1;1;1"),
    ("interpolation", "lanczos"), ("resize_convention", "gdi"), ("decoder", ""),
  ])
  func unreadableValuesAreErrors(key: String, value: String?) {
    var metadata = Preset.timm.metadata
    metadata[key] = value
    let error = #expect(throws: PresetError.self) { try Preset(metadata: metadata) }
    #expect(error?.key == key)
    #expect(error?.message.contains(key) == true && error?.message.contains("\n") == false)
  }

  @Test func anUnknownNameNeedsAConvention() {
    var metadata = Preset(name: "mine", convention: .pil).metadata
    metadata["image_convention"] = nil
    let error = #expect(throws: PresetError.self) { try Preset(metadata: metadata) }
    #expect(error?.key == "image_convention")
  }
}
