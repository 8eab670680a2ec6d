import DLATraining
import Foundation
import Testing
import _DLATestSupport

struct TensorBoardFileTests {
  private let folder: TemporaryFolder
  private let path: String
  /// The output of `Tests/Fixtures/make_tensorboard.py`, by TensorBoard's own writer.
  private let recorded: Data
  private let time = 1_700_000_000.25

  /// The entries of the recorded file; the one without a validation has nothing to draw.
  private let records: [TrainingRecord] = [
    .step(
      StepRecord(
        step: 120, epoch: 0.4, loss: 6.785123, top1: 0.0042, learningRate: 0.1,
        imagesPerSecond: 127.5)),
    .step(
      StepRecord(
        step: 240, epoch: 0.8, loss: .nan, top1: 0, learningRate: 0.05, imagesPerSecond: .infinity)),
    .epoch(
      EpochRecord(
        epoch: 1, step: 300, loss: 6, top1: 0.1, learningRate: 0.05, imagesPerSecond: 127,
        seconds: 9,
        validation: .init(loss: 6.25, top1: 0.125, top5: 0.3, images: 1000))),
    .epoch(
      EpochRecord(
        epoch: 2, step: 600, loss: 6, top1: 0.1, learningRate: 0.05, imagesPerSecond: 127,
        seconds: 9)),
  ]

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path(TensorBoardFile.name)
    recorded = try Data(contentsOf: Fixtures.folder.appending(path: TensorBoardFile.name))
  }

  @Test func bytesAreThoseOfTensorBoardsWriter() throws {
    let file = try TensorBoardFile(path: path, at: time)
    try append(records, to: file)
    #expect(try written() == recorded)
    #expect(file.byteCount == recorded.count)
  }

  @Test func aResumedTrainingWritesTheSameFile() throws {
    var noted = 0
    do {
      let first = try TensorBoardFile(path: path, at: time)
      try append(Array(records[..<2]), to: first)
      noted = first.byteCount
      try first.append(records[0], at: 0)
    }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: [1, 2, 3])
    try handle.close()
    let second = try TensorBoardFile(path: path, at: 0)
    try second.truncate(to: noted)
    try second.append(records[2], at: time + 3)
    #expect(try written() == recorded)
  }

  @Test func aFileOfWhichNothingStaysBeginsAnew() throws {
    let file = try TensorBoardFile(path: path, at: 0)
    try append(records, to: file)
    try file.truncate(to: 0, at: time)
    try append(records, to: file)
    #expect(try written() == recorded)
  }

  /// All places of the file but those behind its four events.
  @Test func aFileIsCutOnlyWhereAnEventEnds() throws {
    let file = try TensorBoardFile(path: path, at: time)
    var ends: Set<Int> = [0, file.byteCount]
    for (place, record) in records.enumerated() {
      try file.append(record, at: time + Double(place + 1))
      ends.insert(file.byteCount)
    }
    #expect(ends.count == 5)
    for place in (-1...recorded.count + 1) where !ends.contains(place) {
      let error = #expect(throws: TrainingError.self) { try file.truncate(to: place) }
      #expect(error?.code == .unsuitableLog)
    }
    #expect(throws: TrainingError.self) { try file.truncate(to: .max) }
    #expect(throws: TrainingError.self) { try file.truncate(to: .min) }
    #expect(try written() == recorded)
    for end in ends.sorted().reversed().dropLast() { try file.truncate(to: end) }
    #expect(try written() == recorded.prefix(file.byteCount))
  }

  /// A length that leads beyond the file, or that its checksum does not fit.
  @Test func framesThatAreBrokenAreRefused() throws {
    for byte in 0..<12 {
      var broken = recorded
      broken[byte] ^= 0x40
      try broken.write(to: URL(filePath: path))
      let file = try TensorBoardFile(path: path)
      #expect(throws: TrainingError.self) { try file.truncate(to: recorded.count) }
    }
  }

  private func append(_ records: [TrainingRecord], to file: TensorBoardFile) throws {
    for (place, record) in records.enumerated() {
      try file.append(record, at: time + Double(place + 1))
    }
  }

  private func written() throws -> Data { try Data(contentsOf: URL(filePath: path)) }
}
