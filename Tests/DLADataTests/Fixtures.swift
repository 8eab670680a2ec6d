import DLAData
import Foundation
import Testing

/// A picture with the bytes that a reference makes of it.
struct Fixture: Sendable, CustomTestStringConvertible {
  let path: String
  let preset: Preset
  let expected: [UInt8]

  var testDescription: String { "\(preset.name): \((path as NSString).lastPathComponent)" }
}

/// The pictures found: the project's own, and the shared collection where it lies beside the checkout.
enum Fixtures {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let own = root.appending(path: "Tests/Fixtures/images")
  private static let shared = root.deletingLastPathComponent().appending(path: "shared/fixtures")

  /// The project's own pictures, each once.
  static let files = names(in: own).filter { !$0.hasPrefix("bad-") && !isExpectation($0) }
  /// Files that must be refused.
  static let bad =
    names(in: own).filter { $0.hasPrefix("bad-") }.map { own.appending(path: $0).path }
    + names(in: shared.appending(path: "images-bad")).map {
      shared.appending(path: "images-bad").appending(path: $0).path
    }
  /// Every picture under every preset.
  static let all = ownFixtures + sharedFixtures

  static func path(_ name: String) -> String { own.appending(path: name).path }

  private static func isExpectation(_ name: String) -> Bool {
    name.hasSuffix(".pil") || name.hasSuffix(".opencv")
  }

  private static func names(in folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  private static var ownFixtures: [Fixture] {
    files.flatMap { name in
      Preset.all.map { preset in
        var small = preset
        small.resizeShort = 40
        small.crop = 32
        let expectation = path(name + "." + preset.convention.rawValue)
        return Fixture(
          path: path(name), preset: small,
          expected: (try? ImageFile.bytes(path: expectation)) ?? [])
      }
    }
  }

  private static var sharedFixtures: [Fixture] {
    let file = shared.appending(path: "expected-preprocessing.safetensors").path
    let expected = ((try? ImageFile.bytes(path: file)).map(byteTensors)) ?? [:]
    return expected.sorted { $0.key < $1.key }.compactMap { key, value in
      let parts = key.split(separator: "/")
      guard parts.count == 2,
        let preset = Preset.all.first(where: { $0.convention.rawValue == parts[1] })
      else { return nil }
      let picture = shared.appending(path: "images").appending(path: String(parts[0]))
      return Fixture(path: picture.path, preset: preset, expected: value)
    }
  }

  /// The tensors of a safetensors file whose elements are bytes.
  private static func byteTensors(_ file: [UInt8]) -> [String: [UInt8]] {
    guard file.count > 8 else { return [:] }
    let length = (0..<8).reduce(0) { $0 | Int(file[$1]) << (8 * $1) }
    let header = try? JSONSerialization.jsonObject(with: Data(file[8..<(8 + length)]))
    guard let entries = header as? [String: [String: Any]] else { return [:] }
    return entries.compactMapValues { entry in
      guard entry["dtype"] as? String == "U8", let range = entry["data_offsets"] as? [Int] else {
        return nil
      }
      return Array(file[(8 + length + range[0])..<(8 + length + range[1])])
    }
  }
}
