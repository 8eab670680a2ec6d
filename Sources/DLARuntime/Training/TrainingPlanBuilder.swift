import CDLAKernels
import DLACore

/// Turns the operations of a network into the steps of a training step: forward, loss, backward.
struct TrainingPlanBuilder {
  let graph: Graph
  let operations: [TrainingOperation]
  let featureMaps: TrainingBuffers
  let options: TrainingPlan.Options
  let parameters: ParameterBlock
  let gradients: ParameterBlock
  let loss: LossLayer
  let dropout: DropoutLayer
  /// What the loss can still change by learning: values that depend on a parameter that is not frozen.
  let learning: Set<Graph.Value>

  private(set) var steps: [any Step] = []
  /// What each step is a part of.
  private(set) var parts: [TrainingPart] = []
  private(set) var scratchFloats = 0
  /// Floats behind the feature maps: the points of one layer's inputs and gradients.
  private var pointFloats = 0
  /// Floats of the feature maps, up to where a cache line begins.
  private var featureMapFloats: Int { (featureMaps.arenaFloats + 15) / 16 * 16 }
  var arenaFloats: Int { featureMapFloats + pointFloats }
  /// Floats of the largest layer's packed weights.
  private(set) var packedFloats = 0
  private var norms: [String: BatchNormLayer] = [:]
  /// Values whose gradients hold something.
  private var written = Set<Graph.Value>()

  init(
    _ graph: Graph, options: TrainingPlan.Options, parameters: ParameterBlock,
    gradients: ParameterBlock, loss: LossLayer, dropout: DropoutLayer
  ) throws(RuntimeError) {
    self.graph = graph
    self.options = options
    self.parameters = parameters
    self.gradients = gradients
    self.loss = loss
    self.dropout = dropout
    learning = graph.values(dependingOnParametersOutside: options.frozen)
    operations = lowerForTraining(graph)
    featureMaps = TrainingBuffers(graph, operations, images: options.batchSize, size: options.size)
    append(InputStep(destination: featureMaps.map(graph.input), firstImage: 0), as: .other)
    for operation in operations { try appendForward(operation) }
    append(
      LossStep(
        layer: loss, scores: featureMaps.map(graph.logits),
        gradient: featureMaps.gradient(graph.logits)),
      as: .other)
    written.insert(graph.logits)
    // What nothing reads has no gradient, and what nothing learned lies behind needs none.
    for operation in operations.reversed()
    where written.contains(operation.output) && learning.contains(operation.output) {
      try appendBackward(operation)
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

  private mutating func appendForward(_ operation: TrainingOperation) throws(RuntimeError) {
    let inputs = operation.inputs.map(featureMaps.map)
    let output = featureMaps.map(operation.output)
    func mapping() -> ChannelBlockMapping {
      ChannelBlockMapping(source: inputs[0], destination: output)
    }
    switch operation.kind {
    case .convolution(let convolution):
      append(
        operation, convolution, isTransposed: false, from: inputs[0], to: output, adds: false)
    case .norm(let shortcut, let relu):
      let layer = try BatchNormLayer(
        operation.node, inputs[0], parameters: parameters, gradients: gradients,
        isFixed: options.frozen.contains(operation.name), workers: options.threads)
      norms[operation.name] = layer
      append(
        BatchNormForward(
          layer: layer, input: inputs[0], shortcut: shortcut.map(featureMaps.map),
          destination: output,
          relu: relu, momentum: options.momentum, kernels: kernels), as: .norms)
    case .maxPool(let window):
      append(
        MaxPoolStep(name: operation.name, window: window, mapping: mapping(), kernels: kernels),
        as: .other)
    case .averagePool3x3(let stride):
      append(
        AveragePool3x3Step(
          name: operation.name, stride: stride, mapping: mapping(), kernels: kernels), as: .other)
    case .globalAverage:
      append(
        GlobalAverageStep(
          name: operation.name, mapping: mapping(), source: inputs[0].geometry, kernels: kernels),
        as: .other)
      append(DropoutStep(name: "dropout", layer: dropout, view: output), as: .other)
    case .add:
      append(
        AddStep(
          name: operation.name, source: inputs[0], other: inputs[1], destination: output,
          kernels: kernels), as: .other)
    }
  }

  /// Appends a convolution of the network, or the transposed one of its gradients.
  private mutating func append(
    _ operation: TrainingOperation, _ convolution: Convolution, isTransposed: Bool,
    from source: TensorView, to destination: TensorView, adds: Bool,
    phase: TransposedSubkernel? = nil
  ) {
    let problem = ConvolutionProblem(
      name: operation.name,
      fused: FusedConvolution(
        convolution: isTransposed ? convolution.transposed : convolution, weights: operation.node,
        norm: nil, shortcut: adds ? operation.inputs[0] : nil, relu: false),
      source: source, destination: destination, shortcut: adds ? destination : nil,
      instructionSet: options.instructionSet, workers: options.threads,
      cacheBytes: options.cacheBytes, phase: phase)
    let step = phase == nil ? problem.choose().step : DirectStep(problem)
    scratchFloats = max(scratchFloats, step.scratchFloats)
    packedFloats = max(packedFloats, step.packedFloats)
    if !problem.fillsPackedWeights { append(ClearPackedStep(step: step), as: .packing) }
    append(
      PackStep(
        step: step, parameters: parameters, convolution: convolution,
        weights: parameters.offset(of: "\(operation.name).weight"),
        bias: convolution.hasBias && !isTransposed
          ? parameters.offset(of: "\(operation.name).bias") : nil, isTransposed: isTransposed,
        isTrimmed: problem.convolution.kernelSize < convolution.kernelSize, phase: phase),
      as: .packing)
    append(step, as: isTransposed ? .inputGradients : .convolutions)
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
      append(ClearStep(name: graph[base].name, view: featureMaps.gradient(base)), as: .other)
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

  private mutating func appendBackward(_ operation: TrainingOperation) throws(RuntimeError) {
    let gradient = featureMaps.gradient(operation.output)
    let input = operation.inputs[0]
    switch operation.kind {
    case .convolution(let convolution): try appendBackward(operation, convolution, gradient)
    case .norm(let shortcut, let relu):
      appendBackward(operation, gradient, shortcut: shortcut, relu: relu)
    case .maxPool(let window):
      let adds = contribute(to: input)
      append(
        MaxPoolGradientStep(
          name: operation.name, window: window, gradient: gradient,
          output: featureMaps.map(operation.output), input: featureMaps.map(input),
          destination: featureMaps.gradient(input), adds: adds, kernels: kernels), as: .other)
    case .averagePool3x3(let stride):
      if !contribute(to: input) {
        append(ClearStep(name: operation.name, view: featureMaps.gradient(input)), as: .other)
      }
      append(
        AveragePool3x3GradientStep(
          name: operation.name, stride: stride, gradient: gradient,
          destination: featureMaps.gradient(input)), as: .other)
    case .globalAverage:
      let adds = contribute(to: input)
      append(DropoutStep(name: "dropout", layer: dropout, view: gradient), as: .other)
      append(
        GlobalAverageGradientStep(
          name: operation.name, gradient: gradient, destination: featureMaps.gradient(input),
          adds: adds),
        as: .other)
    case .add:
      for part in operation.inputs where learning.contains(part) {
        let adds = contribute(to: part)
        append(
          PassGradientStep(
            name: operation.name, gradient: gradient, destination: featureMaps.gradient(part),
            adds: adds),
          as: .other)
      }
    }
  }

  private mutating func appendBackward(
    _ operation: TrainingOperation, _ convolution: Convolution, _ gradient: TensorView
  ) throws(RuntimeError) {
    if !options.frozen.contains(operation.name) {
      try appendWeightGradients(operation, convolution, gradient)
    }
    guard learning.contains(operation.inputs[0]) else { return }
    let adds = contribute(to: operation.inputs[0])
    let destination = featureMaps.gradient(operation.inputs[0])
    func appendTransposed(_ phase: TransposedSubkernel?, to destination: TensorView) {
      append(
        operation, convolution, isTransposed: true, from: gradient, to: destination, adds: adds,
        phase: phase)
    }
    guard convolution.stride > 1 else { return appendTransposed(nil, to: destination) }
    precondition(
      convolution.kernelSize == 3 && convolution.stride == 2 && destination.geometry.border == 0,
      "\(operation.name): gradients behind a stride are those of 3×3, stride 2, behind a norm")
    for phase in TransposedSubkernel.all {
      appendTransposed(phase, to: destination.pixels(of: phase))
    }
  }

  private mutating func appendWeightGradients(
    _ operation: TrainingOperation, _ convolution: Convolution, _ gradient: TensorView
  ) throws(RuntimeError) {
    let problem = WeightGradientProblem(
      name: operation.name, convolution: convolution, input: featureMaps.map(operation.inputs[0]),
      gradient: gradient, kernels: kernels,
      costs: CostModel(options.instructionSet, cacheBytes: options.cacheBytes),
      workers: options.threads)
    if options.weightGradients == .fastest, problem.suitsGroupedKernel {
      let step = try GroupedWeightGradientStep(problem, target: gradients)
      appendWeightGradients(step, sum: step.sum, scratchFloats: step.scratchFloats)
    } else if let tile = problem.winogradTile(options.weightGradients) {
      appendWeightGradients(WinogradWeightGradient(problem, tile))
    } else {
      let step = try DirectWeightGradientStep(problem, target: gradients)
      appendWeightGradients(step, sum: step.sum, scratchFloats: step.scratchFloats)
    }
    if convolution.hasBias {
      append(
        BiasGradientStep(
          name: operation.name, gradient: gradient, gradients: gradients,
          offset: gradients.offset(of: "\(operation.name).bias")), as: .weightGradients)
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
    _ operation: TrainingOperation, _ gradient: TensorView, shortcut: Graph.Value?, relu: Bool
  ) {
    guard let layer = norms[operation.name] else { return }
    let hasShortcut = shortcut != nil
    let shortcut = shortcut.flatMap { learning.contains($0) ? $0 : nil }
    let adds = shortcut.map { contribute(to: $0) } ?? false
    written.insert(operation.inputs[0])
    append(
      BatchNormBackward(
        layer: layer, gradient: gradient,
        relu: !relu ? .none : hasShortcut ? .output(featureMaps.map(operation.output)) : .values,
        input: featureMaps.map(operation.inputs[0]),
        destination: featureMaps.gradient(operation.inputs[0]),
        shortcut: shortcut.map(featureMaps.gradient), addsToShortcut: adds, kernels: kernels),
      as: .batchNormGradients)
  }
}
