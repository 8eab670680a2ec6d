import CDLAKernels
import DLABackend
import DLAGraph

/// Builds the steps of a plan with their memory, in the order they run.
struct StepBuilder {
  private let graph: Graph
  private let featureMaps: FeatureMapPlan
  private let options: Plan.Options
  private let tuner: LayerTuner?
  private let kernels: KernelTable
  private(set) var steps: [any Step] = []
  private(set) var layers: [Plan.Layer] = []
  private(set) var packing = Packing()
  /// Floats of memory that each worker needs for itself.
  private(set) var scratchFloats = 0
  /// The step and the layer index of each convolution.
  private var known: [String: (step: any ConvolutionStep, layer: Int)] = [:]

  init(
    graph: Graph, featureMaps: FeatureMapPlan, options: Plan.Options, tuner: Tuner?,
    timer: (any CandidateTimer)?
  ) {
    precondition(tuner == nil || timer != nil, "a tuner needs a timer")
    (self.graph, self.featureMaps, self.options) = (graph, featureMaps, options)
    self.tuner = tuner.flatMap { tuner in timer.map { LayerTuner(tuner: tuner, timer: $0) } }
    kernels = options.instructionSet.kernels
  }

  /// Appends the copying of the images, or of one of them.
  mutating func appendInput(image: Int?) {
    steps.append(
      InputStep(
        destination: featureMaps.view(of: graph.input, image: image), firstImage: image ?? 0))
  }

  /// Appends a step for all images, or for one of them.
  ///
  /// - Throws: `RuntimeError` if it is to be timed and memory for that is refused.
  mutating func append(_ step: LoweredStep, image: Int?) throws(RuntimeError) {
    func view(_ value: Graph.Value) -> TensorView { featureMaps.view(of: value, image: image) }
    let inputs = step.inputs.map(view)
    let destination = view(step.output)
    func mapping() -> ChannelBlockMapping {
      ChannelBlockMapping(source: inputs[0], destination: destination)
    }
    switch step.operation {
    case .convolution(let fused):
      try append(
        ConvolutionProblem(
          name: step.name, fused: fused, source: inputs[0], destination: destination,
          shortcut: fused.shortcut.map(view), instructionSet: options.instructionSet,
          workers: options.threads, cacheBytes: options.cacheBytes))
    case .batchNorm: preconditionFailure("\(step.name) is a step of training")
    case .maxPool(let window):
      steps.append(
        MaxPoolStep(name: step.name, window: window, mapping: mapping(), kernels: kernels))
    case .averagePool3x3(let stride):
      steps.append(
        AveragePool3x3Step(name: step.name, stride: stride, mapping: mapping(), kernels: kernels))
    case .globalAverage:
      steps.append(
        GlobalAverageStep(
          name: step.name, mapping: mapping(), source: inputs[0].geometry, kernels: kernels))
    case .add:
      steps.append(
        AddStep(
          name: step.name, source: inputs[0], other: inputs[1], destination: destination,
          kernels: kernels))
    }
  }

  /// Appends a convolution; that of a second image is the first one's, moved.
  private mutating func append(_ problem: ConvolutionProblem) throws(RuntimeError) {
    if let found = known[problem.name] {
      var step = found.step
      step.move(to: problem)
      steps.append(step)
      layers[found.layer].repeatCount += 1
      return
    }
    let (chosen, choice) =
      try tuner?.choose(problem, forced: options.algorithm)
      ?? problem.choose(forced: options.algorithm)
    let step = packing.append(chosen, for: problem)
    scratchFloats = max(scratchFloats, step.scratchFloats)
    known[problem.name] = (step, layers.count)
    layers.append(
      Plan.Layer(
        name: problem.name, convolution: problem.fused.convolution,
        size: problem.destination.geometry.size, choice: choice, repeatCount: 1))
    steps.append(step)
  }
}
