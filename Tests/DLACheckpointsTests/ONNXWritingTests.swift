import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Testing

/// A source that counts what is read of it, may fail, and may give other numbers.
private final class WatchedWeights: WeightSource {
  struct Interruption: Error {}

  private let weights: SyntheticWeights
  private let limit: Int
  private let change: @Sendable (TensorSpecification, inout [Float]) -> Void
  private let names = Locked<[String]>([])

  init(
    _ variant: Variant, failingAfter limit: Int = .max,
    _ change: @escaping @Sendable (TensorSpecification, inout [Float]) -> Void = { _, _ in }
  ) {
    weights = SyntheticWeights(variant)
    (self.limit, self.change) = (limit, change)
  }

  var readNames: [String] { names.withLock { $0 } }

  func read(_ tensor: TensorSpecification) throws -> [Float] {
    let count = names.withLock {
      $0.append(tensor.name)
      return $0.count
    }
    if count > limit { throw Interruption() }
    var floats = weights.read(tensor)
    change(tensor, &floats)
    return floats
  }
}

/// Writing of files, and the state after errors.
@Suite struct ONNXWritingTests {
  private let variant: Variant
  private let locations: [ONNXModel.Options.Location] = [.inside, .beside]

  init() throws { variant = try Variant.named("dla46x_c") }

  private func model(_ change: (inout ONNXModel.Options) -> Void = { _ in }) throws -> ONNXModel {
    var options = ONNXModel.Options()
    change(&options)
    return try ONNXModel(
      variant.graph(), name: "m", options: options, metadata: ["b": "1", "a": "2", "c": "3"])
  }

  private func expectError(
    _ code: CheckpointError.Code, _ message: String, _ body: () throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(
      error.map { $0.message.contains(message) && isOneLine($0.message) } == true,
      "\(String(describing: error))", sourceLocation: sourceLocation)
  }

  @Test func theSameModelIsWrittenInTheSameBytes() throws {
    try withTemporaryFolder { folder in
      for location in locations {
        func bytes(_ name: String) throws -> [Data] {
          let folder = folder.appending(path: name)
          try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
          let path = folder.appending(path: "m.onnx").path
          try model { $0.location = location }
            .write(to: path, weights: SyntheticWeights(variant))
          return try (location == .beside ? [path, path + ".data"] : [path])
            .map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        }
        let first = try bytes("first")
        #expect(try bytes("second") == first)
      }
    }
  }

  @Test func everyTensorIsReadOnceAndInOrder() throws {
    try withTemporaryFolder { folder in
      let weights = WatchedWeights(variant)
      try model { $0.batchNorm = .keep }
        .write(to: folder.appending(path: "m.onnx").path, weights: weights)
      #expect(weights.readNames == variant.graph().tensors.map(\.name))
    }
  }

  @Test func aSourceThatFailsHalfwayLeavesWhatWasThere() throws {
    for location in locations {
      for old in [[], ["m.onnx", "m.onnx.data"]] {
        try withTemporaryFolder { folder in
          for name in old { try Data("old".utf8).write(to: folder.appending(path: name)) }
          let model = try model { $0.location = location }
          let path = folder.appending(path: "m.onnx").path
          for limit in [0, 1, 100] {
            expectError(.invalidContent, "m.onnx is not written: Interruption") {
              try model.write(to: path, weights: WatchedWeights(variant, failingAfter: limit))
            }
          }
          let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          #expect(left == old)
          for name in old {
            #expect(try Data(contentsOf: folder.appending(path: name)) == Data("old".utf8))
          }
        }
      }
    }
  }

  @Test func brokenWeightsAreRefusedAndNothingIsLeft() throws {
    typealias Change = @Sendable (TensorSpecification, inout [Float]) -> Void
    func last(of name: String, _ value: Float) -> Change {
      { tensor, floats in if tensor.name == name { floats[floats.count - 1] = value } }
    }
    let cases: [(Change, CheckpointError.Code, String)] = [
      (
        last(of: "base_layer.1.running_var", -1), .invalidContent,
        "tensor base_layer.1.running_var holds a negative variance"
      ),
      (last(of: "fc.bias", .nan), .nonFinite, "tensor fc.bias has nan as element 999"),
      (last(of: "fc.weight", .infinity), .nonFinite, "tensor fc.weight has inf as element"),
      (
        last(of: "fc.weight", 65520), .float16Overflow, "float16 ends at 65504, write it as float32"
      ),
      ({ if $0.name == "fc.bias" { $1.removeLast() } }, .invalidContent, "fc.bias got 3996 bytes"),
      ({ if $0.name == "fc.bias" { $1.append(0) } }, .invalidContent, "fc.bias got 4004 bytes"),
    ]
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "m.onnx").path
      let model = try model { $0.halfPrecision = true }
      for (change, code, message) in cases {
        expectError(code, message) {
          try model.write(to: path, weights: WatchedWeights(variant, change))
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func placesThatCannotBeWrittenAreRefusedBeforeAnythingIsRead() throws {
    try withTemporaryFolder { folder in
      let manager = FileManager.default
      let taken = folder.appending(path: "taken.onnx").path
      try manager.createDirectory(atPath: taken + ".data", withIntermediateDirectories: true)
      let turned = folder.appending(path: "turned.onnx").path
      try Data("old".utf8).write(to: URL(fileURLWithPath: turned))
      try manager.createSymbolicLink(atPath: turned + ".data", withDestinationPath: turned)
      let everywhere = [
        (folder.path, "is a folder"), ("/dev/null", "is a device"), ("", "the path is empty"),
        ("a\0b", "contains a zero byte"), (folder.path + "/new/", "a file name is expected"),
        (folder.appending(path: "gone/a").path, "cannot be written: there is no folder"),
        (folder.path + "/" + String(repeating: "a", count: 255), "cannot be written"),
      ]
      let beside = [
        (taken, "taken.onnx.data: is a folder"), (turned, "turned.onnx.data is a symbolic link"),
      ]
      let weights = WatchedWeights(variant)
      for location in locations {
        for (path, message) in location == .beside ? everywhere + beside : everywhere {
          expectError(.unwritable, message) {
            try model { $0.location = location }.write(to: path, weights: weights)
          }
        }
      }
      #expect(weights.readNames.isEmpty)
      #expect(
        try manager.contentsOfDirectory(atPath: folder.path).sorted()
          == ["taken.onnx.data", "turned.onnx", "turned.onnx.data"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: turned)) == Data("old".utf8))
    }
  }
}
