import DLAText

/// The dictionary of a pickle that maps names to tensors.
///
/// A training checkpoint holds others beside it. Of the names under which frameworks keep weights the
/// first one that holds tensors is taken; averaged weights come first, as timm's `load_state_dict`
/// takes them.
struct StateDictionary {
  /// Its path in the checkpoint, for instance `state_dict`; empty if it is the whole checkpoint.
  private(set) var part = ""
  private(set) var tensors: [(name: String, value: PickleValue)] = []
  /// Arrays that were saved in slices, by the name of the whole; Paddle below protocol 4.
  private(set) var sliced: [(name: String, shape: [Int], slices: [String])] = []
  let machine: PickleMachine

  private static let parts = [
    "state_dict_ema", "model_ema", "ema_state_dict", "state_dict", "model_state_dict", "model",
    "net", "network", "module", "weights", "params",
  ]
  private static let deepest = 4
  private static let maxTensors = 1 << 15
  private static let maxSlices = 1 << 12

  /// Finds the dictionary in what a pickle holds.
  init(of root: PickleValue, in machine: PickleMachine) throws(Fault) {
    self.machine = machine
    var seen: Set<Int32> = []
    var found = try Self.find(root, machine, path: [], &seen)
    if found == nil { found = try Self.only(root, machine) }
    guard let found else { throw Fault(try Self.absence(in: root, machine), code: .unsupported) }
    part = found.path.joined(separator: ".")
    var positions: [ExactText: Int] = [:]
    var checked: Set<Int32> = []
    var slices: PickleValue?
    for (key, value) in machine.heap.pairs(found.dictionary) ?? [] {
      guard case .text(let span) = key else { continue }
      let name = try machine.string(span)
      if ExactText(name) == "UnpackBigParamInfor@@" { slices = value }
      guard let tensor = Self.tensor(value, machine) else {
        guard !Self.holdsTensors(value, named: name, machine, &checked) else {
          throw Fault(
            "\(printable(name)) holds tensors beside those of the weights; save only "
              + "model.state_dict()", code: .unsupported)
        }
        continue
      }
      // As in Python, the last of several values counts.
      if let position = positions.updateValue(tensors.count, forKey: ExactText(name)) {
        tensors[position].value = tensor
        positions[ExactText(name)] = position
      } else {
        tensors.append((name, tensor))
        guard tensors.count <= Self.maxTensors else {
          throw Fault("it has more than \(Self.maxTensors) tensors")
        }
      }
    }
    if let slices { try readSlices(slices) }
  }

  /// Searches depth first and visits each dictionary once.
  private static func find(
    _ value: PickleValue, _ machine: PickleMachine, path: [String], _ seen: inout Set<Int32>
  ) throws(Fault) -> (dictionary: PickleValue, path: [String])? {
    guard case .dictionary(let index) = value, seen.insert(index).inserted,
      let pairs = machine.heap.pairs(value)
    else { return nil }
    if path.count < deepest {
      var inner: [String: PickleValue] = [:]
      for (key, value) in pairs {
        guard case .dictionary = value, case .text(let span) = key, span.count <= 32 else {
          continue
        }
        inner[try machine.string(span)] = value
      }
      let own = pairs.count { tensor($0.value, machine) != nil }
      for name in parts {
        guard let value = inner[name],
          let found = try find(value, machine, path: path + [name], &seen)
        else { continue }
        // A checkpoint may hold some tensors beside its weights; weights, few beside the others.
        if count(of: found.dictionary, machine) >= own { return found }
      }
    }
    return pairs.contains { tensor($0.value, machine) != nil } ? (value, path) : nil
  }

  /// Tensors that a dictionary holds itself.
  private static func count(of dictionary: PickleValue, _ machine: PickleMachine) -> Int {
    (machine.heap.pairs(dictionary) ?? []).count { tensor($0.value, machine) != nil }
  }

  /// The only dictionary of tensors within another, of any name, apart from an optimizer's.
  private static func only(
    _ root: PickleValue, _ machine: PickleMachine
  ) throws(Fault) -> (dictionary: PickleValue, path: [String])? {
    var found: (dictionary: PickleValue, path: [String])?
    var checked: Set<Int32> = []
    for (key, value) in machine.heap.pairs(root) ?? [] {
      guard case .text(let span) = key, case .dictionary = value else { continue }
      let name = try machine.string(span)
      guard holdsTensors(value, named: name, machine, &checked) else { continue }
      guard found == nil else { return nil }
      found = (value, [name])
    }
    return found
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

  /// True if a dictionary or list holds tensors that are not an optimizer's; each is visited once.
  private static func holdsTensors(
    _ value: PickleValue, named name: String, _ machine: PickleMachine,
    _ checked: inout Set<Int32>
  ) -> Bool {
    switch value {
    case .dictionary(let index), .list(let index), .tuple(let index):
      guard !name.utf8.starts(with: "optim".utf8), checked.insert(index).inserted else {
        return false
      }
      return machine.heap.containers[Int(index)].contains { tensor($0, machine) != nil }
    default: return false
    }
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
