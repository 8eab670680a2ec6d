import DLACheckpoints
import Foundation
import Testing
import _DLATestSupport

/// Files that PyTorch and Paddle wrote, beside what those frameworks read from them.
@Suite struct CheckpointFixtureTests {
  static let folder = Fixtures.folder.appending(path: "checkpoints")

  /// The files of a folder whose tensors are known.
  static func readable(_ folder: String) -> [String] {
    let ending = ".expected.safetensors"
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: Self.folder.appending(path: folder).path)
    return (names ?? []).filter { $0.hasSuffix(ending) }.sorted()
      .map { "\(folder)/\($0.dropLast(ending.count))" }
      .filter { !refused.keys.contains($0) }
  }

  /// Sound files that are not read, and why.
  static let refused = [
    "pytorch/big-endian.pt": "big-endian machine",
    "paddle/big-endian.pdparams": "big-endian machine",
    "pytorch/dtypes-v3.pt": "torch._utils._rebuild_tensor_v3",
    "pytorch/whole-module.pt": "names the Python object",
    "pytorch/whole-sequential.pt": "names the Python object",
    "pytorch/torchscript.pt": "TorchScript",
    "pytorch/tensor.pt": "no dictionary of tensors",
    "pytorch/list.pt": "no dictionary of tensors",
    "pytorch/no-tensors.pt": "it holds epoch, state_dict, among which no dictionary",
    "legacy/whole-sequential.pth": "names the Python object",
  ]

  @Test(arguments: readable("pytorch") + readable("legacy") + readable("paddle"))
  func everyTensorIsWhatItsFrameworkReads(_ name: String) throws {
    let path = Self.folder.appending(path: name).path
    // The file with two dictionaries has two expectations.
    let file = try CheckpointFile(
      path: path.replacing(".state_dict_ema", with: "").replacing(".state_dict", with: ""))
    let expected = try CheckpointFile(path: path + ".expected.safetensors")
    let dictionary = name.hasSuffix("ema.pt.state_dict_ema") ? "state_dict_ema." : "state_dict."
    let isNested = file.entries.contains { $0.name.hasPrefix(dictionary) }
    let prefix = isNested ? dictionary : ""
    let names = file.entries.map(\.name).filter { $0.hasPrefix(prefix) }
    #expect(Set(names) == Set(expected.entries.map { prefix + $0.name }))
    #expect(isNested == (file.metadata["dictionary"] == nil && file.entries.count > names.count))
    for entry in expected.entries {
      let found = try #require(file.entry(named: prefix + entry.name), "\(entry.name)")
      // Paddle keeps the bits of bfloat16 as uint16.
      #expect(
        found.dataType == entry.dataType
          || (found.dataType == .bfloat16 && entry.dataType == .uint16), "\(entry.name)")
      #expect(found.shape == entry.shape, "\(entry.name)")
      let bytes = try file.withBytes(named: prefix + entry.name) { Array($0) }
      #expect(try expected.withBytes(named: entry.name) { Array($0) } == bytes, "\(entry.name)")
    }
  }

  @Test func thereAreManyOfThem() {
    #expect(Self.readable("pytorch").count > 20)
    #expect(Self.readable("legacy").count >= 8)
    #expect(Self.readable("paddle").count >= 18)
  }

  /// Paddle's linear layers hold [inputs, outputs], also where both are the same.
  @Test func aSquareLinearLayerOfPaddleIsTransposed() throws {
    let file = try CheckpointFile(path: Self.folder.appending(path: "paddle/linear.pdparams").path)
    let part = try #require(file.parts.first?.withLinearHead(channels: 2))
    let weight = try #require(part.weight(named: "fc.weight"))
    #expect(weight.shape == [2, 2, 1, 1])
    let elements = try file.withBytes(of: weight) { bytes in
      (0..<4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    #expect(elements == [1, 3, 2, 4])
  }

  @Test(arguments: refused)
  func whatIsNotReadSaysWhy(_ name: String, reason: String) throws {
    let path = Self.folder.appending(path: name).path
    let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
    #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    #expect(error.map { isOneLine($0.message) } == true)
  }

  /// The kind of each file under `other`.
  static let others = [
    "7z.pth": "7z archive", "archive.pth.tar": "tar archive", "array.npy": "one NumPy array",
    "arrays.npz": "no data.pkl", "byte.pth": "at least 8", "bzip2.pth": "bzip2",
    "config.json": "JSON", "empty.pth": "the file is empty", "error.xml": "XML document",
    "gguf.gguf": "GGUF", "gzip.pth": "gzip", "keras.h5": "HDF5",
    "lfs-pointer.safetensors": "Git LFS pointer", "model.onnx": "ONNX model",
    "page-lower.pth": "HTML page", "page.pth": "HTML page", "image.jpg": "JPEG",
    "image.png": "PNG", "plain.zip": "no data.pkl", "program": "a program", "rar.pth": "RAR",
    "text.pth": "text", "xz.pth": "xz file", "yaml.pth": "text", "zeros.pth": "",
    "zstd.pth": "Zstandard", "tflite.tflite": "TensorFlow",
    "paddle-inference.pdmodel": "inference model of Paddle",
    "paddle-inference.pdiparams": "inference model of Paddle", "saved_model.pb": "TensorFlow",
    "variables.index": "TensorFlow",
  ]

  @Test(arguments: [
    ("_rebuild_qtensor", "quantized"), ("_rebuild_sparse_tensor", "sparse"),
    ("_rebuild_sparse_csr_tensor", "sparse"),
  ])
  func tensorsOfOtherKindsAreNamed(function: String, kind: String) {
    let error = #expect(throws: CheckpointError.self) {
      try CheckpointFile(
        contents: [0x80, 2] + Array("ctorch._utils\n\(function)\n.".utf8), name: "x")
    }
    #expect(error?.message.contains("it holds \(kind) tensors (torch._utils.\(function))") == true)
  }

  @Test func filesThatAreNoCheckpointsAreNamedAsWhatTheyAre() throws {
    let folder = Self.folder.appending(path: "other")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == Set(Self.others.keys))
    for (name, kind) in Self.others {
      let error = #expect(throws: CheckpointError.self) {
        try CheckpointFile(path: folder.appending(path: name).path)
      }
      let message = error?.message ?? ""
      #expect(kind.isEmpty || message.contains(kind), "\(name): \(message)")
      #expect(isOneLine(message), "\(name)")
    }
  }
}
