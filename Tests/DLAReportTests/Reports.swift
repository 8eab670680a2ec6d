import DLAData
import DLAReport
import DLATensor

/// An outcome with predictions.
func classified(
  _ name: String, label: Int, _ predictions: [(index: Int, probability: Float)], loss: Double = 1
) -> Outcome {
  Outcome(
    name: name, label: label,
    classification: .predictions(
      predictions.map { Outcome.Prediction(index: $0.index, probability: $0.probability) },
      loss: loss))
}

/// Statistics of random outcomes: some classes are confused, some samples fail.
func someFindings(classes: Int, samples: Int, seed: String = "report") -> EvaluationFindings {
  var random = KeyedRandom(key: seed)
  func number(below bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  var findings = EvaluationFindings(classes: classes)
  for sample in 0..<samples {
    let label = number(below: classes)
    guard number(below: 10) > 0 else {
      findings.add(
        Outcome(
          name: "\(sample).jpg", label: label, classification: .failed("\(sample).jpg: is gone")))
      continue
    }
    let prediction = number(below: 3) > 0 ? label : (label + number(below: classes)) % classes
    let probability = Float(number(below: 1001)) / 1000
    findings.add(classified("folder/\(sample).jpg", label: label, [(prediction, probability)]))
  }
  return findings
}

/// A report of findings, the rest made up.
func report(
  _ findings: EvaluationFindings, classes: ClassNames? = nil, images: [Int: RGBImage] = [:]
) -> EvaluationReport {
  EvaluationReport(
    model: "dla34", data: "val", classes: classes ?? ClassNames(count: findings.classes.count),
    findings: findings, rate: 12.5, images: images,
    settings: [("weights", "dla34.safetensors"), ("threads", "2")],
    command: "dla evaluate --data val", origin: "Made by a test")
}
