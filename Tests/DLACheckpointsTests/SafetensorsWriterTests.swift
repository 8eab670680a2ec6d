import DLACheckpoints
import DLASystem
import DLATensor
import Foundation
import Testing

@Suite struct SafetensorsWriterTests {
  private struct Interruption: Error {}

  @Test(arguments: [DataType.float64, .float32, .float16, .bfloat16])
  func writtenTensorsAreReadBack(type: DataType) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.safetensors").path
      let tensors = [
        (name: "b\"\\\n\u{1}猫", tensor: Tensor(shape: [2, 2], elements: [1, -0.5, 0x1p-24, 3])),
        (name: "a", tensor: Tensor(shape: [], elements: [7])),
        (name: "none", tensor: Tensor(shape: [0, 4], elements: [])),
      ]
      try SafetensorsWriter.write(
        tensors, as: type, metadata: ["format": "pt", "π": "\t\u{7}"], to: path)
      let file = try CheckpointFile(path: path)
      for (name, tensor) in tensors { #expect(try file.tensor(named: name) == tensor) }
      #expect(file.entries.allSatisfy { $0.dataType == type })
      #expect(file.metadata == ["format": "pt", "π": "\t\u{7}"])
      #expect((file.entries.first?.fileRange?.lowerBound ?? 1) % 8 == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.safetensors"])
    }
  }

  @Test func tensorsAreStreamedWithTheLargestElementsFirst() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a").path
      let writer = try SafetensorsWriter(items: [
        SafetensorsWriter.Item(name: "flags", dataType: .bool, shape: [3]),
        SafetensorsWriter.Item(name: "z", shape: [200_000]),
        SafetensorsWriter.Item(name: "a", shape: [1]),
        SafetensorsWriter.Item(name: "steps", dataType: .int64, shape: []),
      ])
      #expect(writer.items.map(\.name) == ["steps", "z", "a", "flags"])
      let ramp = (0..<200_000).map(Float.init)
      try writer.write(to: path) { item, sink in
        switch item.name {
        case "steps": try withUnsafeBytes(of: Int64(5)) { try sink.append(bytes: $0) }
        case "flags": try [UInt8]([1, 0, 1]).withUnsafeBytes { try sink.append(bytes: $0) }
        case "z":
          try sink.append(Array(ramp[..<7]))
          try sink.append([])
          try sink.append(Array(ramp[7...]))
        default: try sink.append([9])
        }
      }
      let file = try CheckpointFile(path: path)
      #expect(file.entries.map(\.name) == ["steps", "z", "a", "flags"])
      #expect(try file.floats(named: "z") == ramp)
      #expect(try file.withBytes(named: "flags") { Array($0) } == [1, 0, 1])
      for entry in file.entries {
        #expect((entry.fileRange?.lowerBound ?? 1) % entry.dataType.byteCount == 0)
      }
    }
  }

  @Test func anErrorLeavesTheOldFileAndNothingElse() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a").path
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      let items = [SafetensorsWriter.Item(name: "t", shape: [4])]
      let writer = try SafetensorsWriter(items: items)
      func expectRefusal(_ message: String, _ fill: (inout TensorSink) throws -> Void) throws {
        let error = #expect(throws: CheckpointError.self) {
          try writer.write(to: path) { _, sink in try fill(&sink) }
        }
        #expect(error?.code == .invalidContent)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
      }
      try expectRefusal("Interruption") { _ in throw Interruption() }
      try expectRefusal("tensor t got 12 bytes, F32 of shape [4] takes 16") {
        try $0.append([1, 2, 3])
      }
      try expectRefusal("tensor t got 20 bytes, F32 of shape [4] takes 16") {
        try $0.append([1, 2, 3, 4, 5])
      }
    }
  }

  @Test func placesThatCannotBeWrittenAreRefused() throws {
    try withTemporaryFolder { folder in
      let cases = [
        (folder.path, "is a folder"), ("/dev/null", "is a device"), ("", "the path is empty"),
        (folder.appending(path: "gone/a").path, "cannot be written: there is no folder"),
        (folder.path + "/new/", "a file name is expected"),
      ]
      for (path, message) in cases {
        let error = #expect(throws: CheckpointError.self) {
          try SafetensorsWriter.write([], to: path)
        }
        #expect(error?.code == .unwritable)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      }
    }
  }

  @Test func aLinkIsFollowedAndPermissionsStay() throws {
    try withTemporaryFolder { folder in
      let manager = FileManager.default
      let (real, link) = (folder.appending(path: "real").path, folder.appending(path: "link").path)
      let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o640]
      #expect(manager.createFile(atPath: real, contents: nil, attributes: attributes))
      try manager.createSymbolicLink(atPath: link, withDestinationPath: real)
      try SafetensorsWriter.write([], to: link)
      #expect(try manager.attributesOfItem(atPath: real)[.posixPermissions] as? Int == 0o640)
      #expect(try manager.destinationOfSymbolicLink(atPath: link) == real)
      #expect(try CheckpointFile(path: real).entries.isEmpty)
    }
  }

  @Test func contentThatNoReaderTakesIsRefused() throws {
    typealias Item = SafetensorsWriter.Item
    let cases: [([Item], String)] = [
      ([Item(name: "a", shape: [1]), Item(name: "a", shape: [2])], "tensor a is given twice"),
      ([Item(name: "__metadata__", shape: [])], "has a reserved name"),
      ([Item(name: String(repeating: "a", count: 1025), shape: [])], "more than 1024 bytes"),
      ([Item(name: "a", shape: [-1])], "cannot be stored"),
      ([Item(name: "a", shape: [.max, 2])], "cannot be stored"),
      ([Item(name: "a", shape: Array(repeating: 1, count: 17))], "cannot be stored"),
      (
        [Item(name: "a", dataType: .uint8, shape: [.max / 2]), Item(name: "b", shape: [1])],
        "cannot be stored"
      ),
    ]
    for (items, message) in cases {
      let error = #expect(throws: CheckpointError.self) { try SafetensorsWriter(items: items) }
      #expect(error?.code == .invalidContent)
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }
}
