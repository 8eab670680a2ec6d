import DLACheckpoints
import DLATensor
import Foundation

let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The path of a recorded file in Tests/Fixtures/safetensors, made by make.py there.
func recorded(_ name: String) -> String {
  packageRoot.appending(path: "Tests/Fixtures/safetensors/\(name).safetensors").path
}

/// The path of a large reference file beside the checkout, or nil where there is none.
func shared(_ path: String) -> String? {
  let url = packageRoot.appending(path: "../shared/fixtures/\(path)").standardizedFileURL
  return FileManager.default.fileExists(atPath: url.path) ? url.path : nil
}

/// A folder that lasts as long as the call.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "dla-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The bytes of a safetensors file with any header.
func file(_ header: String, data: Int = 0, claiming size: UInt64? = nil) -> [UInt8] {
  file(Array(header.utf8), data: data, claiming: size)
}

/// The bytes of a safetensors file with any bytes as header.
func file(_ header: [UInt8], data: Int = 0, claiming size: UInt64? = nil) -> [UInt8] {
  let length = withUnsafeBytes(of: (size ?? UInt64(header.count)).littleEndian) { Array($0) }
  return length + header + Array(repeating: 0, count: data)
}

/// The error of reading the bytes as a file named x.
func failure(_ contents: [UInt8]) -> CheckpointError? {
  do throws(CheckpointError) {
    _ = try CheckpointFile(contents: contents, name: "x")
    return nil
  } catch {
    return error
  }
}

func isOneLine(_ message: String) -> Bool {
  !message.isEmpty && message.utf8.count < 2000
    && message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}

/// A random sequence whose seed is part of every failure's message.
struct SeededCase {
  let seed: String
  var random: KeyedRandom

  /// Takes the seed from DLA_TEST_SEED, or a new one.
  init() {
    seed =
      ProcessInfo.processInfo.environment["DLA_TEST_SEED"] ?? String(UInt64.random(in: 0 ... .max))
    random = KeyedRandom(key: seed)
    print("DLA_TEST_SEED=\(seed)")
  }
}
