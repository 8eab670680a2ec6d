import DLABackend
import DLACPU
import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Synchronization
import Testing
import _DLATestSupport

/// Plans whose algorithms are chosen by measured time.
struct TunerTests {
  private let temporary: TemporaryFolder
  private let cache: CacheFolder
  private let variant: Variant

  init() throws {
    temporary = try TemporaryFolder()
    cache = CacheFolder(path: temporary.path("cache"))
    variant = try Variant.named("dla34")
  }

  private func plan(
    _ timer: FakeTimer?, cache: CacheFolder? = nil, algorithm: String? = nil, threads: Int = 2,
    progress: (@Sendable (Tuning.Progress) -> Void)? = nil
  ) throws -> Plan {
    try Plan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: Plan.Options(
        batchSize: 1, size: SpatialSize(height: 64, width: 64), threads: threads,
        algorithm: algorithm),
      tuning: timer.map { _ in Tuning(cache: cache, progress: progress) }, timer: timer)
  }

  private static func choices(_ plan: Plan) -> [String] {
    plan.layers.map { "\($0.name) \($0.choice.algorithm) \($0.choice.detail)" }
  }

  @Test func withoutATunerThePlanIsTheSameEveryTime() throws {
    let plan = try plan(nil)
    #expect(try Self.choices(self.plan(nil)) == Self.choices(plan))
    #expect(plan.layers.allSatisfy { $0.choice.measuredSeconds == nil })
  }

  @Test func theFastestIsChosen() throws {
    let timer = FakeTimer { $0.contenders.indices.map { 1e-3 - 1e-4 * Double($0) } }
    let plan = try plan(timer)
    let choices = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.name, $0.choice) })
    #expect(!timer.trials.isEmpty)
    for trial in timer.trials {
      let choice = try #require(choices[trial.layer])
      let last = try #require(trial.contenders.last)
      #expect(choice.algorithm == last.algorithm && choice.detail == last.detail)
      let seconds = try #require(choice.measuredSeconds)
      #expect(abs(seconds - (1e-3 - 1e-4 * Double(trial.contenders.count - 1))) < 1e-12)
      #expect(choice.declined[0].reason == "1000 µs measured")
      #expect(choice.declined[0].algorithm.hasPrefix("predicted \(trial.contenders[0].algorithm)"))
    }
  }

  /// Every way to divide the work of every layer that a plan may use.
  @Test(arguments: 0..<8)
  func everyContenderGivesTheSameScores(index: Int) throws {
    let timer = FakeTimer { trial in
      trial.contenders.indices.map { $0 == min(index, trial.contenders.count - 1) ? 1e-6 : 1 }
    }
    let input = uniform("input", count: 3 * 64 * 64, scale: 2)
    func logits(_ plan: Plan) throws -> [Float] { try plan.run(input).logits.elements }
    let expected = try logits(plan(nil)).map(Double.init)
    for threads in [1, 2, 3] {
      #expect(relativeError(try logits(plan(timer, threads: threads)), expected) < 2e-6)
    }
  }

  @Test func tiesGoToThePrediction() throws {
    let timer = FakeTimer { trial in
      trial.contenders.indices.map { $0 == trial.contenders.count - 1 ? 0.99e-3 : 1e-3 }
    }
    #expect(try Self.choices(plan(timer)) == Self.choices(plan(nil)))
  }

  @Test func contendersAreTheLikeliestAndOfEveryLikelyAlgorithm() throws {
    let timer = FakeTimer()
    _ = try plan(timer)
    for trial in timer.trials {
      let predicted = trial.contenders.map(\.predictedSeconds)
      #expect((2...8).contains(predicted.count))
      #expect(predicted == predicted.sorted())
      #expect(predicted[predicted.count - 1] <= 2 * predicted[0])
      #expect(Set(trial.contenders.map { "\($0.algorithm) \($0.detail)" }).count == predicted.count)
    }
    #expect(timer.trials.contains { Set($0.contenders.map(\.algorithm)).count > 1 })
  }

  @Test func aForcedAlgorithmHasNoRivals() throws {
    let timer = FakeTimer()
    _ = try plan(timer, algorithm: "winograd2")
    // It does not support the stem.
    let names = timer.trials.map { Set($0.contenders.map(\.algorithm)) }
    #expect(names.contains(["winograd2"]))
    #expect(names.allSatisfy { !$0.contains("winograd2") || $0.count == 1 })
  }

  @Test func layersOfOneShapeAreTimedOnce() throws {
    let timer = FakeTimer()
    let plan = try plan(timer)
    let measured = plan.layers.filter { $0.choice.measuredSeconds != nil }
    #expect(timer.trials.count < measured.count)
    #expect(Set(timer.trials.map(\.layer)).count == timer.trials.count)
  }

  @Test func progressCountsLayersAndEnds() throws {
    let seen = Mutex<[Tuning.Progress]>([])
    let plan = try plan(FakeTimer(), cache: cache) { step in seen.withLock { $0.append(step) } }
    let steps = seen.withLock { $0 }
    var last = 0
    for step in steps.dropLast() {
      guard case .timing(let layer, let layers) = step else {
        Issue.record("\(step) is not the last")
        continue
      }
      #expect(layer > last && layers == plan.layers.count)
      last = layer
    }
    #expect(steps.count > 1 && steps.last == .finished)
    _ = try self.plan(FakeTimer(), cache: cache) { step in seen.withLock { $0.append(step) } }
    #expect(seen.withLock { $0 } == steps)
  }

  @Test func keptTimingsAreUsedWithoutMeasuring() throws {
    let first = FakeTimer()
    let expected = try Self.choices(plan(first, cache: cache))
    #expect(cache.timings.size.files == 1)
    let second = FakeTimer { $0.contenders.map { _ in 1 } }
    let again = try plan(second, cache: cache)
    #expect(second.trials.isEmpty)
    #expect(Self.choices(again) == expected)
    #expect(again.layers.contains { $0.choice.measuredSeconds != nil })
    _ = try plan(second, cache: cache, threads: 1)
    #expect(!second.trials.isEmpty && cache.timings.size.files == 2)
  }

  @Test func anAlgorithmThatWasNotTimedIsAMiss() throws {
    let forced = FakeTimer()
    _ = try plan(forced, cache: cache, algorithm: "winograd4")
    let free = FakeTimer()
    _ = try plan(free, cache: cache)
    #expect(!free.trials.isEmpty)
    // The timings of the first one are still there.
    let again = FakeTimer()
    _ = try plan(again, cache: cache, algorithm: "winograd4")
    _ = try plan(again, cache: cache)
    #expect(again.trials.isEmpty)
  }

  @Test func withoutACacheNothingIsKept() throws {
    let timer = FakeTimer()
    _ = try plan(timer)
    let count = timer.trials.count
    _ = try plan(timer)
    #expect(timer.trials.count == 2 * count)
    #expect(!FileManager.default.fileExists(atPath: cache.timings.path))
  }

  private var file: URL {
    get throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: cache.timings.path)
      return URL(filePath: "\(cache.timings.path)/\(try #require(names.first))")
    }
  }

  /// Ways to damage a cached file.
  static let damages: [(name: String, change: @Sendable (String) -> Data)] = {
    func text(
      _ change: @escaping @Sendable ([Substring]) -> [Substring]
    ) -> @Sendable (String) -> Data {
      { Data(change($0.split(separator: "\n")).joined(separator: "\n").utf8) + Data("\n".utf8) }
    }
    func field(_ place: Int, _ value: String) -> @Sendable (String) -> Data {
      text { lines in
        var fields = lines[2].split(separator: "\t", omittingEmptySubsequences: false)
        fields[place] = Substring(value)
        return Array(lines[..<2] + [Substring(fields.joined(separator: "\t"))] + lines[3...])
      }
    }
    return [
      ("empty", { _ in Data() }),
      ("cut in the head", { Data($0.utf8.prefix(7)) }),
      ("cut in a number", { Data($0.utf8.dropLast(2)) }),
      ("cut by the last line's end", { Data($0.utf8.dropLast()) }),
      ("another format", text { Array(["swift-dla tuning 99"] + $0[1...]) }),
      ("another hardware", text { Array($0[..<1] + ["another kind of hardware"] + $0[2...]) }),
      ("no hardware", text { Array($0[..<1] + $0[2...]) }),
      ("an empty line", text { Array($0[..<2] + [""] + $0[2...]) }),
      ("a line twice", text { $0 + $0[2..<3] }),
      ("three fields", text { $0 + ["1 2 3\tdirect\t5"] }),
      ("five fields", text { $0 + ["1 2 3\tdirect\t\t5\t5"] }),
      ("an unknown algorithm", field(1, "fft")),
      ("no algorithm", field(1, "")),
      ("zero", field(3, "0")),
      ("a leading zero", field(3, "0612")),
      ("negative", field(3, "-5")),
      ("a fraction", field(3, "5.5")),
      ("not a number", field(3, "nan")),
      ("words", field(3, "fast")),
      ("more than a quarter of an hour", field(3, "1000000000001")),
      ("more than an integer holds", field(3, "99999999999999999999999999999999")),
      ("no UTF-8", { Data($0.utf8) + Data([0xFF, 0xC0, 0x0A]) }),
      ("zero bytes", { Data(repeating: 0, count: $0.utf8.count) }),
      (
        "combining marks",
        { Data($0.utf8) + Data(String(repeating: "\u{301}\u{323}", count: 100_000).utf8) + [10] }
      ),
      (
        "too long",
        { whole in
          let lines = (0..<40_000).map { "\($0) 2 3\tdirect\tof no use to anybody\t5\n" }
          return Data((whole + lines.joined()).utf8)
        }
      ),
    ]
  }()

  @Test(arguments: damages.map(\.name))
  func aDamagedFileIsIgnoredAndReplaced(name: String) throws {
    let change = try #require(Self.damages.first { $0.name == name }).change
    let expected = try Self.choices(plan(FakeTimer(), cache: cache))
    let whole = try Data(contentsOf: file)
    let changed = change(String(decoding: whole, as: UTF8.self))
    #expect(changed != whole)
    try changed.write(to: file)
    let timer = FakeTimer()
    #expect(try Self.choices(plan(timer, cache: cache)) == expected)
    #expect(!timer.trials.isEmpty)
    #expect(try Data(contentsOf: file) == whole)
  }

  @Test func aFolderInTheFilesPlaceOnlyCostsMeasuring() throws {
    _ = try plan(FakeTimer(), cache: cache)
    let file = try file
    try FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    let timer = FakeTimer()
    _ = try plan(timer, cache: cache)
    #expect(!timer.trials.isEmpty)
  }

  @Test func manyWritersLeaveOneWholeFile() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 { group.addTask { _ = try plan(FakeTimer(), cache: cache) } }
      try await group.waitForAll()
    }
    #expect(cache.timings.size.files == 1)
    let timer = FakeTimer()
    _ = try plan(timer, cache: cache)
    #expect(timer.trials.isEmpty)
  }

  /// Real timing, with groups and shortcuts.
  @Test(arguments: ["dla34", "dla46x_c"])
  func logitsOfATunedPlanEqualTheReference(model: String) throws {
    let variant = try Variant.named(model)
    let pool = ThreadPool(count: 2)
    let plan = try Plan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: Plan.Options(
        batchSize: 2, size: SpatialSize(height: 224, width: 224), threads: pool.count),
      tuning: Tuning(), timer: PoolTimer(pool))
    #expect(plan.layers.contains { $0.choice.measuredSeconds != nil })
    let input = uniform("input/224", count: plan.options.batchSize * 3 * 224 * 224, scale: 2)
    let expected = try CheckpointFile(fixture: "expected-inference/\(model).safetensors")
      .doubles("224/logits")
    #expect(relativeError(try plan.run(input).logits.elements, expected) < 1e-6)
  }
}

/// Gives the same seconds to the candidates each time, without running them.
private final class FakeTimer: CandidateTimer {
  private let times: (Trial) -> [Double]
  private(set) var trials: [Trial] = []

  /// `times` are the seconds of each contender; the second one is the fastest by default.
  init(
    _ times: @escaping (Trial) -> [Double] = {
      $0.contenders.indices.map { $0 == 1 ? 1e-4 : 1e-3 }
    }
  ) { self.times = times }

  func seconds(_ trial: Trial) -> [Double] {
    trials.append(trial)
    return times(trial)
  }
}
