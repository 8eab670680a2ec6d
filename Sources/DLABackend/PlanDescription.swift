import DLAGraph
import DLATensor

/// The algorithm chosen for a layer, and why the others were not.
package struct AlgorithmChoice: Sendable {
  package let algorithm: String
  /// The division of its work; empty if there is only one.
  package let detail: String
  /// The predicted seconds; nil if the engine only ranks candidates.
  package let predictedSeconds: Double?
  /// The measured seconds; nil if the algorithm was chosen by prediction.
  package let measuredSeconds: Double?
  /// The other algorithms, each with the reason why it was not chosen.
  package let declined: [(algorithm: String, reason: String)]

  package init(
    algorithm: String, detail: String = "", predictedSeconds: Double? = nil,
    measuredSeconds: Double? = nil, declined: [(algorithm: String, reason: String)] = []
  ) {
    (self.algorithm, self.detail, self.predictedSeconds) = (algorithm, detail, predictedSeconds)
    (self.measuredSeconds, self.declined) = (measuredSeconds, declined)
  }
}

/// A plan in numbers: its steps and its memory.
package struct PlanDescription: Sendable {
  /// Summary of one planned step.
  package struct Step: Sendable {
    package let name: String
    /// The convolution; nil for other operations.
    package let convolution: Convolution?
    /// The size of the output; nil if the engine does not report it.
    package let size: SpatialSize?
    /// The algorithm; nil if there is only one.
    package let choice: AlgorithmChoice?
    /// The number of times it runs: once for all images, or once for each.
    package var repeatCount: Int

    package init(
      name: String, convolution: Convolution? = nil, size: SpatialSize? = nil,
      choice: AlgorithmChoice? = nil, repeatCount: Int = 1
    ) {
      (self.name, self.convolution, self.size, self.choice) = (name, convolution, size, choice)
      self.repeatCount = repeatCount
    }

    /// The predicted seconds of all runs; nil if there is no prediction.
    package var predictedSeconds: Double? {
      choice?.predictedSeconds.map { Double(repeatCount) * $0 }
    }
  }

  /// The batch shape and the outputs.
  package let options: PlanOptions
  package let inChannels: Int
  /// The steps in the order in which they first run.
  package let steps: [Step]
  package let arenaBytes: Int
  /// Bytes of packed weights.
  package let weightBytes: Int

  package init(
    options: PlanOptions, inChannels: Int, steps: [Step], arenaBytes: Int, weightBytes: Int
  ) {
    (self.options, self.inChannels, self.steps) = (options, inChannels, steps)
    (self.arenaBytes, self.weightBytes) = (arenaBytes, weightBytes)
  }
}

package struct PlanProfile: Sendable {
  /// The median seconds of each step of the description, all its runs together.
  package let stepSeconds: [Double]
  /// The median seconds of whole runs, if steps are measured apart from each other.
  package let wholeSeconds: Double?
  /// The peak of multiplications and additions a second; nil if it is not known.
  package let peakFlops: Double?

  package init(stepSeconds: [Double], wholeSeconds: Double? = nil, peakFlops: Double? = nil) {
    (self.stepSeconds, self.wholeSeconds, self.peakFlops) = (stepSeconds, wholeSeconds, peakFlops)
  }
}
