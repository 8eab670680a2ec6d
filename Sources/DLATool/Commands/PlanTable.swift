import DLABackend
import DLAGraph
import DLAText
import DeepLayerAggregation

/// The steps of a plan, one per line: shape, algorithm, predicted and measured time.
struct PlanTable {
  let plan: PlanDescription
  /// The measured times; nil if the plan was not measured.
  let profile: PlanProfile?

  private var hasPredictions: Bool { plan.steps.contains { $0.predictedSeconds != nil } }

  var table: Table {
    let predicted = hasPredictions ? ["predicted µs"] : []
    let measured =
      profile.map { ["µs", "share", "GFLOP/s"] + ($0.peakFlops == nil ? [] : ["of peak"]) } ?? []
    return Table(
      header: ["step", "channels", "kernel", "output", "algorithm", "tiling"] + predicted
        + measured + ["rejected alternatives"],
      rows: plan.steps.indices.map(row) + sums(columns: measured.count),
      alignment: [.left, .right, .left, .left, .left, .left]
        + (predicted + measured).map { _ in .right } + [.left])
  }

  private func row(_ index: Int) -> [String] {
    let step = plan.steps[index]
    let shape =
      (step.convolution?.columns ?? ["", ""])
      + [step.size.map { "\($0.height)×\($0.width)" } ?? ""]
      + [step.choice?.algorithm ?? "", step.choice?.detail ?? ""]
    let predicted = hasPredictions ? [step.predictedSeconds.map(microseconds) ?? ""] : []
    return [step.name] + shape + predicted + figures(index)
      + [step.choice.map(Self.reasons) ?? ""]
  }

  /// Time, share of the total, throughput, and throughput as a share of the peak.
  ///
  /// The throughput counts the operations of a direct convolution. Winograd performs fewer, and so do
  /// layers on feature maps of one pixel, where most kernel elements fall on padding: both may exceed
  /// the peak.
  private func figures(_ index: Int) -> [String] {
    guard let profile else { return [] }
    let (step, seconds) = (plan.steps[index], profile.stepSeconds[index])
    let share = percent(seconds / profile.stepSeconds.reduce(0, +), 1)
    guard let convolution = step.convolution, let size = step.size else {
      return [microseconds(seconds), share, ""] + (profile.peakFlops == nil ? [] : [""])
    }
    let operations =
      2 * Double(convolution.weightShape.reduce(1, *) * size.area) * Double(plan.options.batchSize)
    let flops = operations / seconds
    return [microseconds(seconds), share, fixed(flops * 1e-9, 0)]
      + (profile.peakFlops.map { [percent(flops / $0, 0)] } ?? [])
  }

  /// The sum of all steps and, if that was measured too, the time of whole runs.
  private func sums(columns: Int) -> [[String]] {
    guard let profile else { return [] }
    let sum = profile.stepSeconds.reduce(0, +)
    let empty = Array(repeating: "", count: 5)
    let predicted = plan.steps.compactMap(\.predictedSeconds).reduce(0, +)
    func line(_ name: String, _ seconds: Double, _ share: String, predicted: String) -> [String] {
      [name] + empty + (hasPredictions ? [predicted] : []) + [microseconds(seconds), share]
        + Array(repeating: "", count: columns - 1)
    }
    return [line("total", sum, "", predicted: microseconds(predicted))]
      + (profile.wholeSeconds.map {
        [line("whole run", $0, percent($0 / sum, 1), predicted: "")]
      } ?? [])
  }

  /// The time of the chosen algorithm, if it was measured, and why others were not chosen.
  private static func reasons(_ choice: AlgorithmChoice) -> String {
    let declined = choice.declined.map { "\($0): \($1)" }
    let own = choice.measuredSeconds.map {
      ["\(choice.algorithm): \(fixed($0 * 1e6, 0)) µs measured"]
    }
    return ((own ?? []) + declined).joined(separator: "; ")
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
