import DeepLayerAggregation

/// The kernels of a plan on a GPU, one per line: shape, tiling and measured time.
struct CUDAPlanTable {
  private let plan: CUDAPlan
  /// The seconds of each step, and of all steps as one CUDA graph; nil if not measured.
  private let profile: (steps: [Double], all: Double)?

  private static let repetitions = 20

  /// Measures the plan if asked.
  init(_ plan: CUDAPlan, isMeasured: Bool) throws {
    self.plan = plan
    guard isMeasured else {
      profile = nil
      return
    }
    let run = try CUDAExecutionContext(plan)
    let options = plan.options
    let count = options.batchSize * plan.inChannels * options.size.area
    let input = [Float](repeating: 0.5, count: count)
    try input.withUnsafeBufferPointer { try run($0) }
    let steps = try run.profile(count: Self.repetitions)
    let times = try (0..<Self.repetitions).map { _ in try run.secondsOnDevice() }.sorted()
    profile = (steps, times[times.count / 2])
  }

  var table: Table {
    var rows = plan.steps.enumerated().map { index, step in
      [step.name] + Self.shape(step) + [step.kernel] + figures(step, index)
    }
    if let profile {
      let sum = profile.steps.reduce(0, +)
      let empty = Array(repeating: "", count: 4)
      rows.append(["sum"] + empty + [fixed(sum * 1e6, 1), "", ""])
      rows.append(
        ["all as one graph"] + empty
          + [fixed(profile.all * 1e6, 1), fixed(100 * profile.all / sum, 1) + " %", ""])
    }
    let measured = profile == nil ? [] : ["µs", "share", "GFLOP/s"]
    return Table(
      header: ["step", "channels", "kernel", "output", "computed as"] + measured, rows: rows,
      alignment: [.left, .right, .left, .left, .left] + measured.map { _ in .right })
  }

  private static func shape(_ step: CUDAPlan.Step) -> [String] {
    (step.convolution?.columns ?? ["", ""]) + ["\(step.size.height)×\(step.size.width)"]
  }

  private func figures(_ step: CUDAPlan.Step, _ index: Int) -> [String] {
    guard let profile else { return [] }
    let seconds = profile.steps[index]
    let share = fixed(100 * seconds / profile.steps.reduce(0, +), 1) + " %"
    guard let convolution = step.convolution else { return [fixed(seconds * 1e6, 1), share, ""] }
    let operations =
      2 * convolution.weightShape.reduce(1, *) * step.size.area * plan.options.batchSize
    return [
      fixed(seconds * 1e6, 1), share, fixed(Double(operations) / seconds * 1e-9, 0),
    ]
  }
}
