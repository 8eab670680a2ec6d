import DLASystem
import Foundation
import Testing
import _DLATestSupport

struct CachedFilesTests {
  private let temporary: TemporaryFolder
  private let cache: CachedFiles

  init() throws {
    temporary = try TemporaryFolder()
    cache = CachedFiles(path: temporary.path("a/b"), suffix: ".kept", limit: 3000)
  }

  private func save(_ name: String, _ bytes: Int, in cache: CachedFiles? = nil) -> Bool {
    [UInt8](repeating: 7, count: bytes).withUnsafeBytes { bytes in
      let parts = [bytes[..<1], bytes[1...]].map(UnsafeRawBufferPointer.init(rebasing:))
      return (cache ?? self.cache).save(name, parts)
    }
  }

  /// The bytes of a file, which last no longer than the file does.
  private func contents(_ file: MappedFile) -> [UInt8] {
    withExtendedLifetime(file) { Array(file.bytes) }
  }

  private var names: [String] { Folder.files(of: cache.path).map(\.name).sorted() }

  /// Makes a file as old as it would be had nobody touched it for some seconds.
  private func age(_ name: String, by seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
      ofItemAtPath: "\(cache.path)/\(name)")
  }

  @Test func aSavedFileIsFoundWholeAndNoOther() {
    #expect(cache.file("one") == nil)
    #expect(save("one", 1000))
    #expect(cache.file("one").map(contents) == Array(repeating: 7, count: 1000))
    #expect(cache.file("two") == nil)
    #expect(cache.size == (1, 1000))
    #expect(names == ["one.kept"])
  }

  @Test func theLeastUsedMakeRoomAndOtherFilesStay() throws {
    for (name, age) in [("old", 300.0), ("older", 400), ("touched", 500)] {
      #expect(save(name, 900))
      try self.age("\(name).kept", by: age)
    }
    try Data(count: 5000).write(to: URL(filePath: "\(cache.path)/diary"))
    cache.touch("touched")
    #expect(save("new", 900))
    #expect(names == ["diary", "new.kept", "old.kept", "touched.kept"])
    #expect(save("large", 3000))
    #expect(names == ["diary", "large.kept"])
  }

  @Test func replacingAFileRemovesNoOther() throws {
    #expect(save("a", 1500) && save("b", 1500))
    try age("a.kept", by: 100)
    #expect(save("b", 1400))
    #expect(names == ["a.kept", "b.kept"])
  }

  @Test func whatIsLargerThanTheFolderIsNotSaved() {
    #expect(save("small", 10))
    #expect(!save("large", 3001))
    #expect(names == ["small.kept"])
  }

  @Test func whatEndedWritersLeftGoesAndRunningWritersStay() throws {
    #expect(save("a", 10))
    for name in [".b.kept.1.tmp", ".c.kept.1.tmp", ".editor.tmp"] {
      try Data(count: 10).write(to: URL(filePath: "\(cache.path)/\(name)"))
    }
    try age(".b.kept.1.tmp", by: 4000)
    try age(".editor.tmp", by: 4000)
    #expect(save("a", 10))
    #expect(names == [".c.kept.1.tmp", ".editor.tmp", "a.kept"])
  }

  @Test func aMappedFileKeepsItsBytesWhenReplacedOrRemoved() throws {
    #expect(save("a", 2000))
    let mapped = try #require(cache.file("a"))
    #expect(save("a", 1))
    #expect(save("b", 3000))
    #expect(names == ["b.kept"])
    #expect(contents(mapped) == Array(repeating: 7, count: 2000))
  }

  /// The tests may run as a user to whom no folder is read-only; a file in its place stops
  /// everybody.
  @Test func aFolderThatCannotBeIsNoFile() throws {
    try Data().write(to: URL(filePath: temporary.path("file")))
    for path in [temporary.path("file/below"), temporary.path("file"), "/proc/none", "\0"] {
      let cache = CachedFiles(path: path, suffix: ".kept", limit: 3000)
      #expect(!save("a", 10, in: cache))
      #expect(cache.file("a") == nil)
      #expect(cache.size == (0, 0))
    }
  }

  @Test func aFolderInTheFilesPlaceIsNoFile() throws {
    try FileManager.default.createDirectory(
      atPath: "\(cache.path)/a.kept", withIntermediateDirectories: true)
    #expect(cache.file("a") == nil)
    #expect(!save("a", 10))
  }
}
