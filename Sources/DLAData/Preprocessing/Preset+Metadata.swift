import DLAText

/// Metadata of a weights file that do not describe a preset.
public struct PresetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The key that is missing or has an unreadable value.
  public let key: String
  /// One line: the key, the value, what was expected.
  public let message: String

  /// The message.
  public var description: String { message }
}

extension Preset {
  /// Keys of a preset in the metadata of a weights file.
  private enum Key: String, CaseIterable {
    case preset
    case convention = "image_convention"
    case decoder
    case orientation = "exif_orientation"
    case interpolation
    case resizeConvention = "resize_convention"
    case resizeShort = "resize_short"
    case crop
    case mean
    case standardDeviation = "std"
  }

  /// The preset as text, for the metadata of a weights file; `init(metadata:)` reads it back equal.
  public var metadata: [String: String] {
    func text(_ values: SIMD3<Float>) -> String {
      (0..<3).map { "\(values[$0])" }.joined(separator: ",")
    }
    var values: [Key: String] = [
      .preset: name, .convention: convention.rawValue,
      .orientation: appliesOrientation ? "applied" : "ignored",
      .interpolation: resampling.interpolation.rawValue, .resizeShort: "\(resizeShort)",
      .crop: "\(crop)", .mean: text(mean), .standardDeviation: text(standardDeviation),
    ]
    if decoder != convention { values[.decoder] = decoder.rawValue }
    values[.resizeConvention] = resampling.convention?.rawValue
    return Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
  }

  /// Reads the preset of a weights file.
  ///
  /// The result is nil if no key of a preset is present. `image_convention` may be missing if `preset`
  /// names one of ``all``, `decoder`, `exif_orientation` and `resize_convention` if the
  /// convention's own rule applies, and `interpolation` if it is bilinear.
  ///
  /// - Parameter metadata: all metadata of the file; other keys are ignored.
  /// - Throws: ``PresetError`` if a key is missing or its value can't be read.
  public init?(metadata: [String: String]) throws(PresetError) {
    let present = Key.allCases.filter { metadata[$0.rawValue] != nil }
    guard !present.isEmpty else { return nil }
    func missing(_ key: Key) -> PresetError {
      PresetError(
        key: key.rawValue,
        message: "the metadata name \(present.map(\.rawValue).joined(separator: ", ")), but "
          + "\(key.rawValue) is missing")
    }
    func value(_ key: Key) throws(PresetError) -> String {
      guard let value = metadata[key.rawValue] else { throw missing(key) }
      return value
    }
    func unreadable(_ key: Key, expected: String) -> PresetError {
      let found = printable(metadata[key.rawValue, default: ""])
      return PresetError(
        key: key.rawValue, message: "\(key.rawValue) is \"\(found)\"; expected \(expected)")
    }
    func choice<Choice: RawRepresentable & CaseIterable>(
      _ key: Key, _: Choice.Type
    ) throws(PresetError) -> Choice? where Choice.RawValue == String {
      guard let text = metadata[key.rawValue] else { return nil }
      if let choice = Choice(rawValue: text) { return choice }
      throw unreadable(
        key, expected: Choice.allCases.map(\.rawValue).joined(separator: " or "))
    }
    func side(_ key: Key) throws(PresetError) -> Int {
      guard let side = Int(try value(key)), (1...Preprocessor.maxSide).contains(side) else {
        throw unreadable(key, expected: "pixels from 1 to \(Preprocessor.maxSide)")
      }
      return side
    }
    func numbers(_ key: Key, expected: String) throws(PresetError) -> SIMD3<Float> {
      let parts = try value(key).split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
      guard numbers.count == 3, parts.count == 3, key == .mean || !numbers.contains(0) else {
        throw unreadable(key, expected: expected)
      }
      return SIMD3(numbers)
    }

    let name = try value(.preset)
    guard
      let convention = try choice(.convention, ImageConvention.self)
        ?? Preset.named(name)?.convention
    else { throw missing(.convention) }
    let appliesOrientation: Bool?
    switch metadata[Key.orientation.rawValue] {
    case nil: appliesOrientation = nil
    case "applied": appliesOrientation = true
    case "ignored": appliesOrientation = false
    default: throw unreadable(.orientation, expected: "applied or ignored")
    }
    self.init(
      name: name, convention: convention, decoder: try choice(.decoder, ImageConvention.self),
      appliesOrientation: appliesOrientation,
      resampling: Resampling(
        try choice(.interpolation, Resampling.Interpolation.self) ?? .bilinear,
        convention: try choice(.resizeConvention, ImageConvention.self)),
      resizeShort: try side(.resizeShort), crop: try side(.crop),
      mean: try numbers(.mean, expected: "three numbers, for instance 0.485,0.456,0.406"),
      standardDeviation: try numbers(
        .standardDeviation, expected: "three numbers other than 0, for instance 0.229,0.224,0.225"))
  }
}
