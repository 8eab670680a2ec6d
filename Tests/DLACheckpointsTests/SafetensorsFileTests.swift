import DLACheckpoints
import DLATensor
import Testing

@Suite struct SafetensorsFileTests {
  /// As in make.py; exact in every type except where float16 and bfloat16 differ in range.
  static let values: [Float] = [
    0, -0.0, 1, -1.5, 0.15625, 126, -0x1p-14, 0x1p-20, 65024, 0x1p-24, 3, -7.75,
  ]

  @Test(arguments: [
    ("f64", DataType.float64), ("f32", .float32), ("f16", .float16), ("bf16", .bfloat16),
  ])
  func recordedFloatsOfEveryTypeAreReadExactly(name: String, type: DataType) throws {
    let file = try CheckpointFile(path: recorded(name))
    #expect(file.entry(named: "values")?.dataType == type)
    #expect(try file.tensor(named: "values") == Tensor(shape: [3, 4], elements: Self.values))
    #expect(try file.floats(named: "values").map(\.bitPattern) == Self.values.map(\.bitPattern))
    #expect(try file.tensor(named: "scalar") == Tensor(shape: [], elements: [0.5]))
    #expect(file.metadata.isEmpty)
  }

  @Test func integersAreReadAsBytesAndRefusedAsFloats() throws {
    let file = try CheckpointFile(path: recorded("integers"))
    let types = file.entries.map { "\($0.name) \($0.dataType.rawValue)" }
    #expect(
      Set(types) == [
        "u8 U8", "i64 I64", "i32 I32", "i16 I16", "i8 I8", "bool BOOL", "f32 F32",
      ])
    #expect(try file.withBytes(named: "u8") { Array($0) } == [0, 50, 100, 150, 200])
    #expect(try file.withBytes(named: "i64") { $0.loadUnaligned(as: Int64.self) } == -(1 << 40))
    #expect(try file.withBytes(named: "bool") { Array($0) } == [1, 0, 1])
    #expect(file.entry(named: "i64")?.shape == [])
    let error = #expect(throws: CheckpointError.self) { try file.floats(named: "i32") }
    #expect(error?.code == .unsupported)
    #expect(error?.message.hasSuffix("tensor i32 is I32, expected F32, F16, BF16 or F64") == true)
  }

  @Test func metadataKeepsEveryCharacter() throws {
    let file = try CheckpointFile(path: recorded("integers"))
    #expect(file.metadata == ["format": "pt", "title": "a \"quoted\"\n\\ line with é and 猫 and 🐈"])
  }

  @Test func namesMayBeAnyText() throws {
    let file = try CheckpointFile(path: recorded("unicode"))
    #expect(try file.floats(named: "層.重み") == [1])
    #expect(try file.floats(named: "bé\t\"\\🐈") == [2])
    let escapes = try CheckpointFile(path: recorded("escapes"))
    #expect(escapes.entries.map(\.name) == ["é🐈/\n"])
  }

  @Test func tensorsWithoutElementsAreRead() throws {
    let file = try CheckpointFile(path: recorded("zero-size"))
    #expect(try file.tensor(named: "none") == Tensor(shape: [0, 3], elements: []))
    #expect(try file.tensor(named: "void") == Tensor(shape: [2, 0], elements: []))
    #expect(try file.floats(named: "one") == [1])
    #expect(try CheckpointFile(path: recorded("empty")).entries.isEmpty)
  }

  @Test func unalignedDataAndUnknownKeysAreRead() throws {
    let file = try CheckpointFile(path: recorded("unaligned"))
    #expect(file.entries.map(\.name) == ["a", "b"])
    #expect(file.entry(named: "b")?.fileRange?.count == 8)
    #expect(try file.floats(named: "b", releasingPages: true) == [1.5, -2.5])
    #expect(try file.floats(named: "b") == [1.5, -2.5])
  }

  @Test func bytesOfTheProcessAreReadInPlace() throws {
    let contents = file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 4)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 1)
    buffer.copyBytes(from: contents)
    defer { buffer.deallocate() }
    let file = try CheckpointFile(bytes: UnsafeRawBufferPointer(buffer), name: "built-in model")
    #expect(try file.floats(named: "a") == [0])
    let address = try file.withBytes(named: "a") { $0.baseAddress.map { Int(bitPattern: $0) } }
    let end = buffer.baseAddress.map { Int(bitPattern: $0) + contents.count - 4 }
    #expect(address == end)
  }

  @Test func aMissingTensorIsNamed() throws {
    let file = try CheckpointFile(path: recorded("f32"))
    let error = #expect(throws: CheckpointError.self) { try file.floats(named: "a\nb") }
    #expect(error?.code == .missingTensor)
    #expect(error?.message.hasSuffix(#"there is no tensor a\u{a}b"#) == true)
  }
}
