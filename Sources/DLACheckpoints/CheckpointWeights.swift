import DLATensor
import DLAText

/// The weights of one model in a part of a file, which has all of its tensors.
public struct CheckpointWeights: WeightSource {
  /// The part that is read.
  public let part: CheckpointPart
  private var file: CheckpointFile { part.file }

  /// Checks that a part of a file holds a model's tensors.
  ///
  /// Every tensor must be there with its shape and a floating-point type. Tensors of other names are
  /// allowed, but none that a network of the family would read. No weights are read yet.
  ///
  /// - Parameters:
  ///   - part: the part, for instance the first of ``CheckpointFile/parts``.
  ///   - tensors: what the model consists of, for instance `Graph.tensors`.
  ///   - isIgnored: whether a tensor of a name that the model lacks may be left over too.
  /// - Throws: `CheckpointError` with `.wrongClassCount` if only the classifier `fc` has another
  ///   number of classes, otherwise with `.wrongModel`.
  public init(
    _ part: CheckpointPart, tensors: [TensorSpecification],
    ignoring isIgnored: (String) -> Bool = { _ in false }
  ) throws(CheckpointError) {
    self.part = part
    let comparison = Comparison(of: part, with: tensors, ignoring: isIgnored)
    if let error = comparison.error { throw error }
  }

  /// Reads one tensor as float32 and gives the memory of its file pages back.
  ///
  /// - Parameter tensor: its name and shape.
  /// - Returns: its elements in C order, all finite.
  /// - Throws: `CheckpointError` with `.nonFinite` if an element is infinite or not a number, also
  ///   by rounding to float32; with `.missingTensor` or `.wrongModel` if `tensor` is not one of
  ///   those given to `init(_:tensors:ignoring:)`.
  public func read(_ tensor: TensorSpecification) throws(CheckpointError) -> [Float] {
    guard let entry = part.weight(named: tensor.name) else {
      throw CheckpointError(
        .missingTensor, "\(file.name): there is no tensor \(printable(tensor.name))")
    }
    guard entry.shape == tensor.shape else {
      throw CheckpointError(
        .wrongModel,
        "\(file.name): tensor \(printable(tensor.name)) is not of shape \(tensor.shape)")
    }
    let floats = try file.floats(of: entry, releasingPages: true)
    guard areFinite(floats) else {
      let index = floats.firstIndex { !$0.isFinite } ?? 0
      throw CheckpointError(
        .nonFinite,
        "\(file.name): tensor \(printable(tensor.name)) has \(floats[index]) as element \(index), "
          + "weights must be finite; did training diverge?")
    }
    return floats
  }

  /// The hash of the whole file and of which part of it this is.
  ///
  /// - Returns: the hash; nil if the file is not one that was opened by its path.
  public func contentHash() -> UInt64? { file.contentHash().map { $0 ^ part.fingerprint } }
}

/// Returns true if all numbers are finite; without branches, so that it is vectorised.
private func areFinite(_ floats: [Float]) -> Bool {
  var largest: UInt32 = 0
  for float in floats { largest = max(largest, float.bitPattern & 0x7FFF_FFFF) }
  return largest < 0x7F80_0000
}

extension CheckpointWeights {
  /// The differences between the tensors of a file and those of a model.
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
      of part: CheckpointPart, with tensors: [TensorSpecification],
      ignoring isIgnored: (String) -> Bool
    ) {
      fileName = part.file.name
      var expected: Set<ExactText> = []
      for tensor in tensors {
        let isNew = expected.insert(ExactText(tensor.name)).inserted
        precondition(isNew, "the model has \(tensor.name) twice")
        headCount += Self.isHead(tensor.name) ? 1 : 0
        guard let entry = part.weight(named: tensor.name) else {
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
      for name in part.names {
        let isNew = seen.insert(ExactText(name)).inserted
        if expected.contains(ExactText(name)) {
          // Two frameworks' names of one tensor.
          if !isNew { unexpected.append("\(name) twice") }
        } else if WeightNames.isNetwork(name), !WeightNames.isUnused(name), !isIgnored(name) {
          unexpected.append(name)
        }
      }
    }

    /// The differences in one line; nil if the file fits the model.
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
          + "the model expects \(expected)")
    }
  }
}

extension DataType {
  /// True for floating-point types, which weights must have.
  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .int64, .uint64, .int32, .uint32, .int16, .uint16, .int8, .uint8, .bool: false
    }
  }
}
