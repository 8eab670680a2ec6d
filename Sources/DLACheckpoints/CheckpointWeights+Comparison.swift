import DLATensor
import DLAText

extension CheckpointWeights {
  /// How the tensors of a file differ from those of a model.
  struct Comparison {
    /// A tensor that both have, in different shapes.
    private struct Misshapen {
      let tensor: TensorSpecification
      let found: [Int]

      var description: String { "\(tensor.name) \(found) instead of \(tensor.shape)" }
    }

    private let fileName: String
    private var missing: [String] = []
    private var unexpected: [String] = []
    private var misshapen: [Misshapen] = []
    private var notFloating: [String] = []
    /// Tensors of the model's classifier.
    private var headCount = 0

    /// Compares names, shapes and data types.
    init(
      of file: CheckpointFile, with tensors: [TensorSpecification],
      ignoring isIgnored: (String) -> Bool
    ) {
      fileName = file.name
      var expected: Set<ExactText> = []
      for tensor in tensors {
        let isNew = expected.insert(ExactText(tensor.name)).inserted
        precondition(isNew, "the model has \(tensor.name) twice")
        headCount += Self.isHead(tensor.name) ? 1 : 0
        guard let entry = file.weight(named: tensor.name) else {
          missing.append(tensor.name)
          continue
        }
        if entry.shape != tensor.shape {
          misshapen.append(Misshapen(tensor: tensor, found: entry.shape))
        } else if !entry.dataType.isFloatingPoint {
          notFloating.append("\(tensor.name) (\(entry.dataType.rawValue))")
        }
      }
      var seen: Set<ExactText> = []
      for (name, _) in file.weights {
        let isNew = seen.insert(ExactText(name)).inserted
        if expected.contains(ExactText(name)) {
          // Two frameworks' names of one tensor.
          if !isNew { unexpected.append("\(name) twice") }
        } else if !WeightNames.isUnused(name), !isIgnored(name) {
          unexpected.append(name)
        }
      }
    }

    /// What is wrong in one line, or nil if the file fits the model.
    var error: CheckpointError? {
      if missing.isEmpty, unexpected.isEmpty, misshapen.isEmpty, notFloating.isEmpty { return nil }
      if let otherHead { return otherHead }
      if let onlyShape { return onlyShape }
      var parts: [String] = []
      func add(_ names: [String], _ what: String) {
        guard !names.isEmpty else { return }
        parts.append("\(counted(names.count, what)) (\(summary(of: names)))")
      }
      add(missing, "missing tensor")
      add(unexpected, "unexpected tensor")
      add(misshapen.map(\.description), "misshapen tensor")
      add(notFloating, "integer tensor")
      return CheckpointError(
        .wrongModel,
        "\(fileName) does not fit the model: \(parts.joined(separator: ", ")); \(Self.advice)")
    }

    private static func isHead(_ name: String) -> Bool { ["fc.weight", "fc.bias"].contains(name) }

    private static let advice = "was this file made for another variant?"

    /// The wording if one tensor's shape is all that is wrong.
    private var onlyShape: CheckpointError? {
      guard missing.isEmpty, unexpected.isEmpty, notFloating.isEmpty, misshapen.count == 1 else {
        return nil
      }
      let (tensor, found) = (misshapen[0].tensor, misshapen[0].found)
      return CheckpointError(
        .wrongModel,
        "\(fileName): tensor \(tensor.name) has shape \(found), the model expects \(tensor.shape); "
          + Self.advice)
    }

    /// The wording if only the classifier differs, and only in its number of classes.
    private var otherHead: CheckpointError? {
      guard missing.isEmpty, unexpected.isEmpty, notFloating.isEmpty,
        misshapen.count == headCount, let first = misshapen.first, let classes = first.found.first,
        let expected = first.tensor.shape.first, classes != expected,
        misshapen.allSatisfy({
          Self.isHead($0.tensor.name)
            && $0.found == [classes] + $0.tensor.shape.dropFirst()
            && $0.tensor.shape.first == expected
        })
      else { return nil }
      return CheckpointError(
        .wrongClassCount,
        "\(fileName): the classifier (fc) has \(counted(classes, "class", "classes")), "
          + "the model expects \(expected); --classes \(classes) keeps it, and dla convert "
          + "--classes \(expected) --new-head replaces it")
    }
  }
}

extension DataType {
  /// Whether the elements are floating-point numbers, which weights must be.
  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .int64, .uint64, .int32, .uint32, .int16, .uint16, .int8, .uint8, .bool: false
    }
  }
}
