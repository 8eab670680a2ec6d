import CDLAKernels
import DLAGraph

/// Builds the steps of a training step: forward, loss, backward.
struct TrainingPlanBuilder {
  let graph: Graph
  let featureMaps: FeatureMapPlan
  let options: Plan.Options
  let training: TrainingPlan.Options
  let parameters: ParameterBlock
  let gradients: ParameterBlock
  let loss: LossLayer
  let dropout: DropoutLayer
  /// The values that depend on a parameter that is not frozen.
  let learning: Set<Graph.Value>

  private(set) var steps: [any Step] = []
  /// The part that each step belongs to.
  private(set) var parts: [TrainingPart] = []
  private(set) var scratchFloats = 0
  /// Floats behind the feature maps: the transformed inputs and gradients of one layer.
  private var pointFloats = 0
  /// Floats of the feature maps, up to where a cache line begins.
  private var featureMapFloats: Int { (featureMaps.arenaFloats + 15) / 16 * 16 }
  var arenaFloats: Int { featureMapFloats + pointFloats }
  /// Floats of the largest layer's packed weights.
  private(set) var packedFloats = 0
  private var norms: [String: BatchNormLayer] = [:]
  /// Values whose gradients are written already.
  private var written = Set<Graph.Value>()

  init(
    _ graph: Graph, options: Plan.Options, training: TrainingPlan.Options,
    parameters: ParameterBlock,
    gradients: ParameterBlock, loss: LossLayer, dropout: DropoutLayer
  ) throws(RuntimeError) {
    (self.graph, self.options, self.training) = (graph, options, training)
    (self.parameters, self.gradients, self.loss) = (parameters, gradients, loss)
    self.dropout = dropout
    learning = graph.values(dependingOnParametersOutside: training.frozen)
    let lowered = graph.lowered(for: .training)
    featureMaps = FeatureMapPlan(
      training: graph, steps: lowered, images: options.batchSize, size: options.size)
    append(InputStep(destination: featureMaps.view(of: graph.input), firstImage: 0), as: .other)
    for step in lowered { try appendForward(step) }
    append(
      LossStep(
        layer: loss, scores: featureMaps.view(of: graph.logits),
        gradient: featureMaps.gradient(of: graph.logits)),
      as: .other)
    written.insert(graph.logits)
    // A value that nothing reads has no gradient; one that depends on nothing learned needs none.
    for step in lowered.reversed()
    where written.contains(step.output) && learning.contains(step.output) {
      try appendBackward(step)
    }
  }

  private var kernels: KernelTable { options.instructionSet.kernels }

  private mutating func append(_ step: any Step, as part: TrainingPart) {
    steps.append(step)
    parts.append(part)
  }

  private mutating func append(_ passes: some BatchNormPasses, as part: TrainingPart) {
    for step in passes.steps { append(step, as: part) }
  }

  // MARK: Forward

  private mutating func appendForward(_ step: LoweredStep) throws(RuntimeError) {
    let inputs = step.inputs.map { featureMaps.view(of: $0) }
    let output = featureMaps.view(of: step.output)
    func mapping() -> ChannelBlockMapping {
      ChannelBlockMapping(source: inputs[0], destination: output)
    }
    switch step.operation {
    case .convolution(let fused):
      append(step, fused.convolution, isTransposed: false, from: inputs[0], to: output, adds: false)
    case .batchNorm(let shortcut, let relu):
      let layer = try BatchNormLayer(
        step.node, inputs[0], parameters: parameters, gradients: gradients,
        isFixed: training.frozen.contains(step.name), workers: options.threads)
      norms[step.name] = layer
      append(
        BatchNormForward(
          layer: layer, input: inputs[0], shortcut: shortcut.map { featureMaps.view(of: $0) },
          destination: output,
          relu: relu, momentum: training.momentum, kernels: kernels), as: .norms)
    case .maxPool(let window):
      append(
        MaxPoolStep(name: step.name, window: window, mapping: mapping(), kernels: kernels),
        as: .other)
    case .averagePool3x3(let stride):
      append(
        AveragePool3x3Step(
          name: step.name, stride: stride, mapping: mapping(), kernels: kernels), as: .other)
    case .globalAverage:
      append(
        GlobalAverageStep(
          name: step.name, mapping: mapping(), source: inputs[0].geometry, kernels: kernels),
        as: .other)
      append(DropoutStep(name: "dropout", layer: dropout, view: output), as: .other)
    case .add:
      append(
        AddStep(
          name: step.name, source: inputs[0], other: inputs[1], destination: output,
          kernels: kernels), as: .other)
    }
  }

  /// Appends a convolution of the network, or the transposed one of its gradients.
  private mutating func append(
    _ step: LoweredStep, _ convolution: Convolution, isTransposed: Bool,
    from source: TensorView, to destination: TensorView, adds: Bool,
    phase: TransposedSubkernel? = nil
  ) {
    let problem = ConvolutionProblem(
      name: step.name,
      fused: FusedConvolution(
        convolution: isTransposed ? convolution.transposed : convolution, weights: step.node,
        shortcut: adds ? step.inputs[0] : nil),
      source: source, destination: destination, shortcut: adds ? destination : nil,
      instructionSet: options.instructionSet, workers: options.threads,
      cacheBytes: options.cacheBytes, phase: phase)
    let kernel = phase == nil ? problem.choose().step : DirectStep(problem)
    scratchFloats = max(scratchFloats, kernel.scratchFloats)
    packedFloats = max(packedFloats, kernel.packedFloats)
    if !problem.fillsPackedWeights { append(ClearPackedStep(step: kernel), as: .packing) }
    append(
      PackStep(
        step: kernel, parameters: parameters, convolution: convolution,
        weights: parameters.offset(of: "\(step.name).weight"),
        bias: convolution.hasBias && !isTransposed
          ? parameters.offset(of: "\(step.name).bias") : nil, isTransposed: isTransposed,
        isTrimmed: problem.convolution.kernelSize < convolution.kernelSize, phase: phase),
      as: .packing)
    append(kernel, as: isTransposed ? .inputGradients : .convolutions)
  }

  // MARK: Backward

  /// Notes that an operation gives a part of a value's gradient, and clears what holds nothing yet.
  ///
  /// - Returns: whether it must be added to what is there.
  private mutating func contribute(to value: Graph.Value) -> Bool {
    let bases = graph.bases(of: value)
    let fresh = bases.filter { !written.contains($0) }
    written.formUnion(bases)
    // A slice is not all of its base.
    if fresh.count == bases.count, !isSliced(value) { return false }
    for base in fresh {
      append(ClearStep(name: graph[base].name, view: featureMaps.gradient(of: base)), as: .other)
    }
    return true
  }

  private func isSliced(_ value: Graph.Value) -> Bool {
    switch graph[value].operation {
    case .slice: true
    case .concatenate: graph[value].inputs.contains(where: isSliced)
    default: false
    }
  }

  private mutating func appendBackward(_ step: LoweredStep) throws(RuntimeError) {
    let gradient = featureMaps.gradient(of: step.output)
    let input = step.inputs[0]
    switch step.operation {
    case .convolution(let fused): try appendBackward(step, fused.convolution, gradient)
    case .batchNorm(let shortcut, let relu):
      appendBackward(step, gradient, shortcut: shortcut, relu: relu)
    case .maxPool(let window):
      let adds = contribute(to: input)
      append(
        MaxPoolGradientStep(
          name: step.name, window: window, gradient: gradient,
          output: featureMaps.view(of: step.output), input: featureMaps.view(of: input),
          destination: featureMaps.gradient(of: input), adds: adds, kernels: kernels), as: .other)
    case .averagePool3x3(let stride):
      if !contribute(to: input) {
        append(ClearStep(name: step.name, view: featureMaps.gradient(of: input)), as: .other)
      }
      append(
        AveragePool3x3GradientStep(
          name: step.name, stride: stride, gradient: gradient,
          destination: featureMaps.gradient(of: input)), as: .other)
    case .globalAverage:
      let adds = contribute(to: input)
      append(DropoutStep(name: "dropout", layer: dropout, view: gradient), as: .other)
      append(
        GlobalAverageGradientStep(
          name: step.name, gradient: gradient, destination: featureMaps.gradient(of: input),
          adds: adds),
        as: .other)
    case .add:
      for part in step.inputs where learning.contains(part) {
        let adds = contribute(to: part)
        append(
          PassGradientStep(
            name: step.name, gradient: gradient, destination: featureMaps.gradient(of: part),
            adds: adds),
          as: .other)
      }
    }
  }

  private mutating func appendBackward(
    _ step: LoweredStep, _ convolution: Convolution, _ gradient: TensorView
  ) throws(RuntimeError) {
    if !training.frozen.contains(step.name) {
      try appendWeightGradients(step, convolution, gradient)
    }
    guard learning.contains(step.inputs[0]) else { return }
    let adds = contribute(to: step.inputs[0])
    let destination = featureMaps.gradient(of: step.inputs[0])
    func appendTransposed(_ phase: TransposedSubkernel?, to destination: TensorView) {
      append(
        step, convolution, isTransposed: true, from: gradient, to: destination, adds: adds,
        phase: phase)
    }
    guard convolution.stride > 1 else { return appendTransposed(nil, to: destination) }
    precondition(
      convolution.kernelSize == 3 && convolution.stride == 2 && destination.geometry.border == 0,
      "\(step.name): gradients behind a stride are those of 3×3, stride 2, behind a norm")
    for phase in TransposedSubkernel.all {
      appendTransposed(phase, to: destination.pixels(of: phase))
    }
  }

  private mutating func appendWeightGradients(
    _ step: LoweredStep, _ convolution: Convolution, _ gradient: TensorView
  ) throws(RuntimeError) {
    let problem = WeightGradientProblem(
      name: step.name, convolution: convolution, input: featureMaps.view(of: step.inputs[0]),
      gradient: gradient, kernels: kernels,
      costs: CostModel(options.instructionSet, cacheBytes: options.cacheBytes),
      workers: options.threads)
    if training.weightGradients == .fastest, problem.suitsGroupedKernel {
      let sums = try GroupedWeightGradientStep(problem, target: gradients)
      appendWeightGradients(sums, sum: sums.sum, scratchFloats: sums.scratchFloats)
    } else if let tile = problem.winogradTile(training.weightGradients) {
      appendWeightGradients(WinogradWeightGradient(problem, tile))
    } else {
      let sums = try DirectWeightGradientStep(problem, target: gradients)
      appendWeightGradients(sums, sum: sums.sum, scratchFloats: sums.scratchFloats)
    }
    if convolution.hasBias {
      append(
        BiasGradientStep(
          name: step.name, gradient: gradient, gradients: gradients,
          offset: gradients.offset(of: "\(step.name).bias")), as: .weightGradients)
    }
  }

  private mutating func appendWeightGradients(
    _ step: any Step, sum: SumPartsStep?, scratchFloats: Int
  ) {
    self.scratchFloats = max(self.scratchFloats, scratchFloats)
    append(step, as: .weightGradients)
    if let sum { append(sum, as: .weightGradients) }
  }

  private mutating func appendWeightGradients(_ layer: WinogradWeightGradient) {
    let points = WinogradDomainTensors(layer, at: featureMapFloats)
    let transform = WinogradDomainTensorsStep(points: points)
    let multiply = WinogradWeightGradientStep(points, target: gradients)
    pointFloats = max(pointFloats, points.floats)
    scratchFloats = max(scratchFloats, transform.scratchFloats, multiply.scratchFloats)
    append(transform, as: .weightGradients)
    append(multiply, as: .weightGradients)
  }

  private mutating func appendBackward(
    _ step: LoweredStep, _ gradient: TensorView, shortcut: Graph.Value?, relu: Bool
  ) {
    guard let layer = norms[step.name] else { return }
    let hasShortcut = shortcut != nil
    let shortcut = shortcut.flatMap { learning.contains($0) ? $0 : nil }
    let adds = shortcut.map { contribute(to: $0) } ?? false
    written.insert(step.inputs[0])
    append(
      BatchNormBackward(
        layer: layer, gradient: gradient,
        relu: !relu ? .none : hasShortcut ? .output(featureMaps.view(of: step.output)) : .values,
        input: featureMaps.view(of: step.inputs[0]),
        destination: featureMaps.gradient(of: step.inputs[0]),
        shortcut: shortcut.map { featureMaps.gradient(of: $0) }, addsToShortcut: adds,
        kernels: kernels),
      as: .batchNormGradients)
  }
}
