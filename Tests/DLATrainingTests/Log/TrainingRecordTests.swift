import DLACheckpoints
import DLAText
import DLATraining
import Foundation
import Testing

struct TrainingRecordTests {
  @Test func linesHaveTheirKeysInOrder() {
    #expect(
      someRecords[0].json
        == #"{"kind":"step","step":120,"epoch":0.4,"loss":6.785123,"top1":0.0042,"#
        + #""learning_rate":0.1,"images_per_second":127.5}"#)
    #expect(
      someRecords[3].json
        == #"{"kind":"epoch","epoch":2,"step":600,"loss":5.123456789012345,"top1":0.1,"#
        + #""learning_rate":0.05,"images_per_second":128.0,"seconds":2344.0,"unreadable":3,"#
        + #""validation":{"loss":6.25,"top1":0.125,"top5":0.3,"images":50000}}"#)
    #expect(!someRecords[2].json.contains("validation"))
  }

  @Test(arguments: someRecords) func numbersAreReadBackAsTheyWere(record: TrainingRecord) throws {
    #expect(try read(record.json) == record)
  }

  /// A parser that knows nothing of the format finds the same numbers.
  @Test(arguments: someRecords + [notFiniteRecord])
  func othersReadTheSameNumbers(record: TrainingRecord) throws {
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(record.json.utf8)) as? [String: Any])
    let (loss, rate, step) =
      switch record {
      case .step(let record): (record.loss, record.learningRate, record.step)
      case .epoch(let record): (record.loss, record.learningRate, record.step)
      }
    #expect(object["loss"] as? Double == (loss.isFinite ? loss : nil))
    #expect(object["learning_rate"] as? Double == (rate.isFinite ? rate : nil))
    #expect(object["step"] as? Int == step)
  }

  @Test func numbersThatAreNotFiniteAreNull() throws {
    #expect(
      notFiniteRecord.json
        == #"{"kind":"step","step":7,"epoch":0.5,"loss":null,"top1":null,"#
        + #""learning_rate":null,"images_per_second":null}"#)
    guard case .step(let record) = try read(notFiniteRecord.json) else {
      Issue.record("it became an epoch")
      return
    }
    #expect(record.step == 7 && record.loss.isNaN && record.top1.isNaN && record.learningRate.isNaN)
  }

  @Test func laterVersionsMayAddKeysAndOrderThemOtherwise() throws {
    let line = #"""
       { "loss" : 5e-1, "note": [{"a": "}"}, null, true], "epoch": 2, "step": 4, "top1": 1,
      "images_per_second": 1, "learning_rate": 0.1, "kind": "step" }
      """#
    #expect(
      try read(line)
        == .step(
          StepRecord(step: 4, epoch: 2, loss: 0.5, top1: 1, learningRate: 0.1, imagesPerSecond: 1)))
    let withoutValidation = someRecords[2].json.dropLast() + #","validation":null}"#
    #expect(try read(String(withoutValidation)) == someRecords[2])
  }

  @Test(
    arguments: [
      ("", "it ends where '{' is expected"), ("[]", "'[' stands at byte 0"),
      ("{}", "\"kind\" is missing"), (#"{"kind":"stop"}"#, "\"stop\" is neither"),
      (#"{"kind":"step"}"#, "\"step\" is missing"),
      (#"{"kind":"step","step":1,"step":1}"#, "\"step\" stands in it twice"),
      (#"{"kind":"step","step":1.5}"#, "\"step\" is 1.5, it must be a whole number"),
      (#"{"kind":"step","step":-1}"#, "\"step\" is -1.0"),
      (#"{"kind":"step","step":null}"#, "\"step\" is nan"),
      (#"{"kind":"step","step":1e30}"#, "\"step\" is 1e+30"),
      (#"{"kind":"step","step":1e999}"#, "a number at byte 22 is too large"),
      (#"{"kind":"step","step":NaN}"#, "'N' stands at byte 22"),
      (#"{"kind":"step","step":1,"epoch":-0.5}"#, "\"epoch\" is -0.5, it can't be negative"),
      (#"{"kind":"step","step":1,"epoch":1,"loss":"1"}"#, "where a value is expected"),
      (#"{"kind":"step","step":1,"epoch":1,"loss":1,"top1":1.01}"#, "between 0 and 1"),
      (#"{"kind":"epoch","validation":{"validation":{}}}"#, "\"epoch\" is missing"),
      (#"{"kind":"epoch","validation":7}"#, "'{' is expected"),
      (String(repeating: #"{"a":"#, count: 1000), "nested deeper than"),
      (#"{"kind":"\u202e\n"}"#, #""\u{202e}\u{a}""#),
    ])
  func invalidEntriesAreRefused(line: String, reason: String) {
    let fault = #expect(throws: Fault.self) { try read(line) }
    #expect(fault?.text.contains(reason) == true, "\(fault?.text ?? "")")
  }

  @Test func everyCutOfALineIsRefused() {
    for record in someRecords {
      for count in 0..<record.json.utf8.count {
        #expect(throws: Fault.self) { try read(String(record.json.prefix(count))) }
      }
      #expect(throws: Fault.self) { try read(record.json + "}") }
    }
  }

  private func read(_ json: String) throws -> TrainingRecord {
    try Array(json.utf8).withUnsafeBytes { try TrainingRecord(json: $0) }
  }
}
