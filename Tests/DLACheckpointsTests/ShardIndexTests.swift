import DLACheckpoints
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Models in several files.
@Suite struct ShardIndexTests {
  private let folder = Result { try TemporaryFolder() }

  /// Writes two shards and an index of `map`.
  private func index(_ map: [String: String], text: String? = nil) throws -> String {
    let folder = try folder.get()
    for (shard, names) in [("m-1-of-2.safetensors", ["b", "a"]), ("m-2-of-2.safetensors", ["c"])] {
      try SafetensorsWriter.write(
        names.map { ($0, Tensor(shape: [2], elements: [Float($0.utf8.first ?? 0), 1])) },
        metadata: ["from": shard], to: folder.path(shard))
    }
    let json = try JSONSerialization.data(
      withJSONObject: ["metadata": ["total_size": 24], "weight_map": map])
    return try folder.write(text.map { Data($0.utf8) } ?? json, to: "m.safetensors.index.json")
  }

  private static let whole = [
    "a": "m-1-of-2.safetensors", "b": "m-1-of-2.safetensors", "c": "m-2-of-2.safetensors",
  ]

  @Test func anIndexStandsForItsFiles() throws {
    let path = try index(Self.whole)
    let file = try CheckpointFile(path: path)
    #expect(file.format == .safetensors && file.entries.map(\.name) == ["b", "a", "c"])
    #expect(file.metadata == ["from": "m-1-of-2.safetensors"])
    for (name, first) in [("a", Float(97)), ("b", 98), ("c", 99)] {
      #expect(try file.floats(named: name, releasingPages: true) == [first, 1])
      #expect(try file.withBytes(named: name) { $0.count } == 8)
    }
  }

  @Test func itsHashIsThatOfAllFiles() throws {
    let path = try index(Self.whole)
    let hash = try CheckpointFile(path: path).contentHash()
    #expect(try hash != nil && hash == CheckpointFile(path: path).contentHash())
    try SafetensorsWriter.write(
      [("c", Tensor(shape: [2], elements: [5, 6]))],
      metadata: ["from": "m-2-of-2.safetensors"], to: folder.get().path("m-2-of-2.safetensors"))
    #expect(try CheckpointFile(path: path).contentHash() != hash)
  }

  @Test func filesOfPyTorchAreJoinedToo() throws {
    let fixtures = Fixtures.folder.appending(path: "checkpoints/pytorch")
    let file = "model.pt"
    let alone = try CheckpointFile(path: fixtures.appending(path: file).path)
    let folder = try folder.get()
    try folder.write(Data(contentsOf: fixtures.appending(path: file)), to: file)
    let map = Dictionary(uniqueKeysWithValues: alone.entries.map { ($0.name, file) })
    let path = try folder.write(
      JSONSerialization.data(withJSONObject: ["weight_map": map]), to: "pytorch.bin.index.json")
    let joined = try CheckpointFile(path: path)
    #expect(joined.format == alone.format)
    #expect(joined.entries.map(\.name) == alone.entries.map(\.name) && !alone.entries.isEmpty)
    for entry in alone.entries {
      let bytes = try alone.withBytes(named: entry.name) { Array($0) }
      #expect(try joined.withBytes(named: entry.name) { Array($0) } == bytes, "\(entry.name)")
    }
  }

  @Test(arguments: [
    (["d": "m-2-of-2.safetensors"], "m-2-of-2.safetensors lacks tensor d"),
    (["c": "m-1-of-2.safetensors"], "lacks tensor c"),
    (["c": "m-3-of-2.safetensors"], "m-3-of-2.safetensors: cannot be opened"),
    (["c": "../m-2-of-2.safetensors"], "the file ../m-2-of-2.safetensors does not lie beside it"),
    (["c": "m.safetensors.index.json"], "this is JSON text"),
    (["a": "m-2-of-2.safetensors"], "tensor a is not one that the index has of it"),
  ])
  func anIndexThatDoesNotFitIsRefused(change: [String: String], reason: String) throws {
    let path = try index(Self.whole.merging(change) { $1 })
    let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    (#"{"weight_map": {}}"#, "it names 0 files"), (#"{"weight_map": 3}"#, "where '{' is expected"),
    (#"{"weight_map": {"a": "x"}} x"#, "text follows"), (#"{"other": {}}"#, "this is JSON text"),
  ])
  func textThatIsNoIndexIsRefused(text: String, reason: String) throws {
    let path = try index([:], text: text)
    let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }
}
