import DLACore
import DeepLayerAggregation

/// The steps of a plan, one per line: shape, algorithm, predicted and measured time.
struct PlanTable {
  /// Measured times.
  struct Profile {
    /// The median seconds of each step by name, summed over the repeats of steps that run per image.
    let seconds: [String: Double]
    /// The peak floating-point operations per second of this processor.
    let peak: Double

    var total: Double { seconds.values.reduce(0, +) }
  }

  let plan: Plan
  let profile: Profile?

  /// Measures the plan if a pool is given.
  init(_ plan: Plan, measuredOn pool: ThreadPool?) throws {
    self.plan = plan
    profile = try pool.map { try Self.measure(plan, on: $0) }
  }

  var table: Table {
    let layers = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.name, $0) })
    var rows = steps.map { name in
      let layer = layers[name]
      return [name] + Self.shape(layer) + [layer.map { microseconds($0.predictedSeconds) } ?? ""]
        + figures(name, layer) + [layer.map { Self.reasons($0.choice) } ?? ""]
    }
    if let profile {
      let predicted = plan.layers.reduce(0) { $0 + $1.predictedSeconds }
      let empty = Array(repeating: "", count: 5)
      rows.append(
        ["total"] + empty + [microseconds(predicted), microseconds(profile.total), "", "", "", ""])
    }
    let measured = profile == nil ? [] : ["µs", "share", "GFLOP/s", "of peak"]
    return Table(
      header: ["step", "channels", "kernel", "output", "algorithm", "tiling", "predicted µs"]
        + measured + ["rejected alternatives"],
      rows: rows,
      alignment: [.left, .right, .left, .left, .left, .left, .right]
        + measured.map { _ in .right } + [.left])
  }

  /// The names in the order of first execution.
  private var steps: [String] {
    var seen = Set<String>()
    return plan.stepNames.filter { seen.insert($0).inserted }
  }

  private static func shape(_ layer: Plan.Layer?) -> [String] {
    guard let layer else { return Array(repeating: "", count: 5) }
    return layer.convolution.columns
      + ["\(layer.size.height)×\(layer.size.width)", layer.choice.algorithm, layer.choice.detail]
  }

  /// Time, share of the total, throughput, and throughput as a share of the peak.
  ///
  /// The throughput counts the operations of a direct convolution. Winograd performs fewer, and so do
  /// layers on feature maps of one pixel, where most kernel elements fall on padding: both may exceed
  /// the peak.
  private func figures(_ name: String, _ layer: Plan.Layer?) -> [String] {
    guard let profile else { return [] }
    let seconds = profile.seconds[name] ?? 0
    let share = percent(seconds / profile.total, 1)
    guard let layer else { return [microseconds(seconds), share, "", ""] }
    let operations =
      2 * Double(layer.convolution.weightShape.reduce(1, *) * layer.size.area)
      * Double(plan.options.batchSize)
    let rate = operations / seconds
    return [microseconds(seconds), share, fixed(rate * 1e-9, 0), percent(rate / profile.peak, 0)]
  }

  /// The measured time of the chosen algorithm, if any, and the reasons against the others.
  private static func reasons(_ choice: AlgorithmChoice) -> String {
    let declined = choice.declined.map { "\($0): \($1)" }
    let own = choice.measuredSeconds.map {
      ["\(choice.algorithm): \(fixed($0 * 1e6, 0)) µs measured"]
    }
    return ((own ?? []) + declined).joined(separator: "; ")
  }

  private static func measure(_ plan: Plan, on pool: ThreadPool) throws -> Profile {
    let options = plan.options
    let run = try ExecutionContext(plan, on: pool)
    let input = [Float](repeating: 0.5, count: plan.inputCount)
    let runs = input.withUnsafeBufferPointer { input in
      (0..<43).map { _ in run.profile(input) }.dropFirst(2)
    }
    var seconds: [String: Double] = [:]
    for (step, name) in plan.stepNames.enumerated() {
      seconds[name, default: 0] += runs.map { $0[step].seconds }.sorted()[runs.count / 2]
    }
    return Profile(
      seconds: seconds, peak: KernelPeak.flops(options.instructionSet, on: pool))
  }

  private func microseconds(_ seconds: Double) -> String { fixed(seconds * 1e6, 0) }
  private func percent(_ share: Double, _ digits: Int) -> String {
    fixed(share * 100, digits) + " %"
  }
}

extension Convolution {
  /// Its channels, and its kernel with stride and groups.
  var columns: [String] {
    let stride = stride > 1 ? "/\(stride)" : ""
    let groups = groups > 1 ? " in \(groups)" : ""
    return ["\(inChannels)→\(outChannels)", "\(kernelSize)×\(kernelSize)\(stride)\(groups)"]
  }
}
