import DLAText

/// All tensors of the dictionaries of a pickle, those of an optimizer aside.
///
/// A training checkpoint holds several dictionaries, maybe within each other. If only one of them holds
/// tensors, they have the names of its keys; otherwise the keys of the dictionaries around it stand in
/// front, for instance `state_dict_ema.level0.0.weight`.
struct StateDictionary {
  /// The path of the only dictionary with tensors, for instance `state_dict`; empty if it is the whole
  /// checkpoint, or if there are several.
  private(set) var part = ""
  private(set) var tensors: [(name: String, value: PickleValue)] = []
  /// Arrays that were saved in slices, by the name of the whole; Paddle below protocol 4.
  private(set) var sliced: [(name: String, shape: [Int], slices: [String])] = []
  let machine: PickleMachine
  private var positions: [ExactText: Int] = [:]

  private static let deepest = 4
  private static let longestKey = 256
  private static let maxTensors = 1 << 15
  private static let maxSlices = 1 << 12

  /// Finds the dictionaries in what a pickle holds.
  init(of root: PickleValue, in machine: PickleMachine) throws(Fault) {
    self.machine = machine
    var seen: Set<Int32> = []
    var found: [(dictionary: PickleValue, path: [String])] = []
    try Self.find(root, machine, path: [], &seen, &found)
    guard !found.isEmpty else {
      throw Fault(try Self.absence(in: root, machine), code: .unsupported)
    }
    if found.count == 1 { part = found[0].path.joined(separator: ".") }
    for (dictionary, path) in found {
      try read(dictionary, prefix: found.count == 1 ? "" : path.map { "\($0)." }.joined())
    }
  }

  /// Takes the tensors that a dictionary itself holds.
  private mutating func read(_ dictionary: PickleValue, prefix: String) throws(Fault) {
    var slices: PickleValue?
    for (key, value) in machine.heap.pairs(dictionary) ?? [] {
      guard case .text(let span) = key else { continue }
      let name = try machine.string(span)
      if ExactText(name) == "UnpackBigParamInfor@@" { slices = value }
      guard let tensor = Self.tensor(value, machine) else { continue }
      // As in Python, the last of several values counts.
      if let position = positions[ExactText(prefix + name)] {
        tensors[position].value = tensor
      } else {
        positions[ExactText(prefix + name)] = tensors.count
        tensors.append((prefix + name, tensor))
        guard tensors.count <= Self.maxTensors else {
          throw Fault("it has more than \(Self.maxTensors) tensors")
        }
      }
    }
    if let slices, prefix.isEmpty { try readSlices(slices) }
  }

  /// Visits each dictionary once, depth first.
  private static func find(
    _ value: PickleValue, _ machine: PickleMachine, path: [String], _ seen: inout Set<Int32>,
    _ found: inout [(dictionary: PickleValue, path: [String])]
  ) throws(Fault) {
    guard case .dictionary(let index) = value, seen.insert(index).inserted,
      let pairs = machine.heap.pairs(value)
    else { return }
    if pairs.contains(where: { tensor($0.value, machine) != nil }) { found.append((value, path)) }
    guard path.count < deepest else { return }
    for (key, value) in pairs {
      guard case .dictionary = value, case .text(let span) = key, span.count <= longestKey else {
        continue
      }
      let name = try machine.string(span)
      guard !name.utf8.starts(with: "optim".utf8) else { continue }
      try find(value, machine, path: path + [name], &seen, &found)
    }
  }

  /// The description of a checkpoint without a dictionary of tensors.
  private static func absence(
    in root: PickleValue, _ machine: PickleMachine
  ) throws(Fault) -> String {
    var names: [String] = []
    for (key, _) in (machine.heap.pairs(root) ?? []).prefix(100) {
      if case .text(let span) = key { names.append(try machine.string(span)) }
    }
    guard !names.isEmpty else {
      return "it holds no dictionary of tensors; save model.state_dict()"
    }
    return "it holds \(summary(of: names)), among which no dictionary is known to be the weights; "
      + "save only model.state_dict()"
  }

  /// The value if it is a tensor, an array, or a named array as Paddle writes them: `(name, array)`.
  private static func tensor(_ value: PickleValue, _ machine: PickleMachine) -> PickleValue? {
    switch value {
    case .tensor, .array: return value
    case .tuple:
      guard let pair = machine.heap.sequence(value), pair.count == 2, case .text = pair[0],
        case .array = pair[1]
      else { return nil }
      return pair[1]
    default: return nil
    }
  }

  /// `{name: {'OriginShape': (…), 'slices': [names of its parts]}}`.
  private mutating func readSlices(_ value: PickleValue) throws(Fault) {
    for (key, description) in machine.heap.pairs(value) ?? [] {
      guard case .text(let span) = key else { throw Fault("a sliced tensor has no name") }
      var shape: [Int]?
      // As in Python, the last of several values counts.
      var slices: PickleValue?
      for (key, value) in machine.heap.pairs(description) ?? [] {
        guard case .text(let span) = key else { continue }
        switch ExactText(try machine.string(span)) {
        case "OriginShape": shape = machine.heap.lengths(value)
        case "slices": slices = value
        default: break
        }
      }
      let name = try machine.string(span)
      guard let shape, let slices = try slices.map(names), !slices.isEmpty else {
        throw Fault("the slices of tensor \(printable(name)) are not described")
      }
      sliced.removeAll { ExactText($0.name) == ExactText(name) }
      sliced.append((name, shape, slices))
    }
  }

  /// The names of slices; many tensors may name one long list.
  private func names(_ value: PickleValue) throws(Fault) -> [String] {
    var names: [String] = []
    let parts = machine.heap.sequence(value) ?? []
    guard sliced.count < Self.maxSlices,
      parts.count + sliced.reduce(0, { $0 + $1.slices.count }) <= Self.maxSlices
    else { throw Fault("it has more than \(Self.maxSlices) slices of tensors") }
    for part in parts {
      guard case .text(let span) = part else { throw Fault("the name of a slice is no text") }
      names.append(try machine.string(span))
    }
    return names
  }
}
