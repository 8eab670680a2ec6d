import DLATraining
import Foundation
import Testing
import _DLATestSupport

struct MetricsFileTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path(MetricsFile.name)
  }

  @Test func entriesAreReadBackInOrder() throws {
    let file = try MetricsFile(path: path)
    #expect(file.byteCount == 0)
    #expect(try file.log().records.isEmpty)
    for record in someRecords { try file.append(record) }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == someRecords.map { $0.json + "\n" }.joined())
    #expect(file.byteCount == text.utf8.count)
    #expect(try file.log().records == someRecords)
    let log = try MetricsLog(path: path)
    #expect(log.records == someRecords)
    #expect(log.wholeBytes == file.byteCount && log.unfinishedBytes == 0)
  }

  @Test func aResumedTrainingWritesTheSameFile() throws {
    let whole = try MetricsFile(path: folder.path("whole"))
    for record in someRecords { try whole.append(record) }

    var noted = 0
    do {
      let first = try MetricsFile(path: path)
      try first.append(someRecords[0])
      try first.append(someRecords[1])
      noted = first.byteCount
      try first.append(notFiniteRecord)
    }
    // The state after a process was killed while writing.
    try append(Array(#"{"kind":"st"#.utf8))
    let second = try MetricsFile(path: path)
    try second.truncate(to: noted)
    #expect(second.byteCount == noted)
    for record in someRecords[2...] { try second.append(record) }
    #expect(try bytes(path) == bytes(folder.path("whole")))
    try second.truncate(to: 0)
    #expect(try second.log().records.isEmpty)
  }

  @Test func aLineWithoutEndIsTold() throws {
    for record in someRecords[..<2] { try MetricsFile(path: path).append(record) }
    let whole = try MetricsFile(path: path).byteCount
    try append(Array(#"{"kind":"st"#.utf8))
    let log = try MetricsLog(path: path)
    #expect(log.records == Array(someRecords[..<2]))
    #expect(log.wholeBytes == whole && log.unfinishedBytes == 11)
  }

  @Test func aLineThatIsNoEntryIsNamed() throws {
    let lines = [someRecords[0].json, "{\"kind\":\"step\"}", someRecords[1].json]
    try folder.write(lines.joined(separator: "\n") + "\n", to: MetricsFile.name)
    let error = #expect(throws: TrainingError.self) { try MetricsLog(path: path) }
    #expect(error?.code == .unsuitableLog)
    #expect(error?.message == "\(path), line 2: \"step\" is missing")
  }

  @Test(arguments: [true, false]) func aLongLineIsRefused(hasEnd: Bool) throws {
    let blank = String(repeating: " ", count: 4097)
    try folder.write(someRecords[0].json + "\n" + blank + (hasEnd ? "\n" : ""), to: "metrics.jsonl")
    let error = #expect(throws: TrainingError.self) { try MetricsLog(path: path) }
    #expect(error?.message == "\(path), line 2: it has 4097 bytes, a training writes at most 4096")
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    try folder.write([0xFF, 0xFE, 0, 10], to: "metrics.jsonl")
    let error = #expect(throws: TrainingError.self) { try MetricsLog(path: path) }
    #expect(error?.message == "\(path), line 1: 0xFF stands at byte 0 where '{' is expected")
  }

  @Test(arguments: [-1, Int.min, 1, 400, Int.max])
  func aFileIsCutOnlyWhereALineEnds(place: Int) throws {
    let file = try MetricsFile(path: path)
    try file.append(someRecords[0])
    let before = file.byteCount
    let error = #expect(throws: TrainingError.self) { try file.truncate(to: place) }
    #expect(error?.code == .unsuitableLog)
    #expect(error?.message.contains("had \(place) bytes, now it has") == true)
    #expect(file.byteCount == before)
  }

  private func append(_ bytes: [UInt8]) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: bytes)
    try handle.close()
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }
}
