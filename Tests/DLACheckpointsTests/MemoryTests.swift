#if os(Linux)
  import DLACheckpoints
  import DLASystem
  import DLATensor
  import Foundation
  import Testing

  @Suite(.serialized) struct MemoryTests {
    /// Memory of this process that is backed by files, in MiB.
    private func residentFileMemory() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
      return try #require(Int(line.split(separator: " ")[1])) / 1024
    }

    @Test func filePagesAreGivenBackTensorByTensor() throws {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "big").path
        let items = (0..<16).map { SafetensorsWriter.Item(name: "t\($0)", shape: [1 << 20]) }
        let piece = [Float](repeating: 1, count: 1 << 20)
        try SafetensorsWriter(items: items).write(to: path) { _, sink in try sink.append(piece) }
        let file = try CheckpointFile(path: path)
        let before = try residentFileMemory()
        for item in items { _ = try file.floats(named: item.name, releasingPages: true) }
        let released = try residentFileMemory() - before
        for item in items { _ = try file.floats(named: item.name) }
        let kept = try residentFileMemory() - before
        #expect(released < 16, "of 64 MiB, \(released) MiB stayed")
        #expect(kept > 48, "of 64 MiB, \(kept) MiB stayed")
      }
    }

    @Test func aHashedFileIsGivenBackAndHasTheHashOfItsBytes() throws {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "big").path
        let piece = [Float](repeating: 1, count: 1 << 24)
        try SafetensorsWriter.write([("t", Tensor(shape: [1 << 24], elements: piece))], to: path)
        let file = try CheckpointFile(path: path)
        let before = try residentFileMemory()
        let hash = file.contentHash()
        let released = try residentFileMemory() - before
        #expect(released < 16, "of 64 MiB, \(released) MiB stayed")
        let contents = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(hash == contents.withUnsafeBytes { xxHash64($0) })
        #expect(try CheckpointFile(contents: contents, name: "copy").contentHash() == nil)
      }
    }

    @Test func aClaimedHeaderTakesNoMemory() throws {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "sparse").path
        let contents = Data(file("{", claiming: 1 << 40))
        try contents.write(to: URL(fileURLWithPath: path))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 2 << 40)
        try handle.close()
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
        #expect(error?.message.contains("at most 100000000 are read") == true)
      }
    }
  }
#endif
