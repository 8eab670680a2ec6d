import DLACheckpoints
import DLATensor
import Foundation
import Testing

#if !(os(macOS) && arch(x86_64))
  @Suite struct FloatConversionTests {
    /// A file whose only tensor `t` has these bytes.
    private func sole(_ type: DataType, _ bytes: [UInt8]) throws -> CheckpointFile {
      let header =
        #"{"t":{"dtype":"\#(type.rawValue)","shape":[\#(bytes.count / type.byteCount)],"#
        + #""data_offsets":[0,\#(bytes.count)]}}"#
      return try CheckpointFile(contents: file(header) + bytes, name: "t")
    }

    private func written(_ floats: [Float], as type: DataType) throws -> [UInt8] {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "t").path
        let tensor = Tensor(shape: [floats.count], elements: floats)
        try SafetensorsWriter.write([(name: "t", tensor: tensor)], as: type, to: path)
        return try CheckpointFile(path: path).withBytes(named: "t") { Array($0) }
      }
    }

    @Test func everyFloat16IsReadAsTheCompilerReadsIt() throws {
      let bytes = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      let floats = try sole(.float16, bytes).floats(named: "t")
      for (pattern, float) in zip(0...UInt16.max, floats) {
        let expected = Float(Float16(bitPattern: pattern))
        #expect(
          float.isNaN ? expected.isNaN : float.bitPattern == expected.bitPattern,
          "0x\(String(pattern, radix: 16))")
      }
    }

    @Test func floatsAreRoundedToFloat16AsTheCompilerRoundsThem() throws {
      var test = SeededCase()
      var floats = (0...UInt16.max).flatMap { pattern -> [Float] in
        let value = Float(Float16(bitPattern: pattern))
        let middle = (value + Float(Float16(bitPattern: pattern).nextUp)) / 2
        return [value, middle, middle.nextUp, middle.nextDown]
      }
      floats += (0..<200_000).map { _ in
        Float(bitPattern: UInt32(truncatingIfNeeded: test.random.next()))
      }
      let bytes = try written(floats, as: .float16)
      for (index, float) in floats.enumerated() {
        let found = Float16(
          bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8)
        let expected = Float16(float)
        guard found.isNaN ? !expected.isNaN : found.bitPattern != expected.bitPattern else {
          continue
        }
        Issue.record("\(float) becomes \(found), not \(expected); seed \(test.seed)")
        return
      }
    }

    @Test func floatsAreRoundedToTheNearestBFloat16() throws {
      var test = SeededCase()
      let special: [Float] = [
        .infinity, -.infinity, .greatestFiniteMagnitude, 1, 0x1.01p0, 0x1.03p0, 0x1.00FFFEp0,
      ]
      var floats = special
      for _ in 0..<100_000 {
        floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: test.random.next())))
      }
      let bytes = try written(floats, as: .bfloat16)
      let read = try sole(.bfloat16, bytes).floats(named: "t")
      #expect(
        read[..<special.count] == [.infinity, -.infinity, .infinity, 1, 1, 0x1.04p0, 0x1.00p0])
      for (float, found) in zip(floats, read).dropFirst(special.count) {
        if float.isNaN {
          #expect(found.isNaN)
        } else if found.isFinite {
          let magnitude = found.magnitude.bitPattern
          let above = Double(Float(bitPattern: magnitude + 0x10000))
          let gap = above - Double(Float(bitPattern: magnitude))
          #expect(abs(Double(float) - Double(found)) <= gap / 2, "\(float), seed \(test.seed)")
        }
      }
    }

    @Test func float64IsRoundedToNearest() throws {
      let values = [1 + 0x1p-24, 1 + 0x1.8p-24, 1e300, -1e-300, 0.1]
      let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
      #expect(
        try sole(.float64, bytes).floats(named: "t") == [1, 1 + 0x1p-23, .infinity, -0.0, 0.1])
    }
  }
#endif
