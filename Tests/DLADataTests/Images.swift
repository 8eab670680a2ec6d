import DLACheckpoints
import DLAData
import Foundation
import Testing
import _DLATestSupport

/// An image with the bytes that a reference makes of it.
struct ReferenceImage: Sendable, CustomTestStringConvertible {
  let path: String
  let preset: Preset
  let expected: [UInt8]

  var testDescription: String { "\(preset.name): \((path as NSString).lastPathComponent)" }
}

/// The images found: the project's own, and the shared ones where they lie beside the checkout.
enum Images {
  private static let folder = Fixtures.folder.appending(path: "images")

  /// The names of the project's own images, each once.
  static let names = files(in: folder).map(\.lastPathComponent).filter {
    !$0.hasPrefix("bad-") && !$0.hasSuffix(".pil") && !$0.hasSuffix(".opencv")
  }
  /// Files that must be refused.
  static let bad =
    (files(in: folder).filter { $0.lastPathComponent.hasPrefix("bad-") }
    + (Fixtures.shared.map { files(in: $0.appending(path: "images-bad")) } ?? [])).map(\.path)

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: folder.appending(path: name)))
  }

  /// Every image under every preset.
  static func references() throws -> [ReferenceImage] {
    try ownReferences() + (Fixtures.shared.map(sharedReferences) ?? [])
  }

  private static func files(in folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { folder.appending(path: $0) }
  }

  private static func ownReferences() throws -> [ReferenceImage] {
    try names.flatMap { name in
      try Preset.all.map { preset in
        ReferenceImage(
          path: path(name), preset: preset.with(short: 40, crop: 32),
          expected: try bytes(name + "." + preset.convention.rawValue))
      }
    }
  }

  /// The tensors of a file, which are named `image/convention`.
  private static func sharedReferences(in folder: URL) throws -> [ReferenceImage] {
    let file = try CheckpointFile(
      path: folder.appending(path: "expected-preprocessing.safetensors").path)
    return try file.entries.compactMap { entry in
      let parts = entry.name.split(separator: "/")
      guard entry.dataType == .uint8, parts.count == 2,
        let preset = Preset.all.first(where: { $0.convention.rawValue == parts[1] })
      else { return nil }
      return ReferenceImage(
        path: folder.appending(path: "images/\(parts[0])").path, preset: preset,
        expected: try file.withBytes(named: entry.name) { Array($0) })
    }
  }
}

extension Preset {
  /// The preset for other sizes.
  func with(short: Int, crop: Int) -> Preset {
    var preset = self
    preset.resizeShort = short
    preset.crop = crop
    return preset
  }
}
