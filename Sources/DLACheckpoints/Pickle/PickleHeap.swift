import DLAText

/// The objects that a pickle creates, in tables of bounded length.
///
/// The limits below and those of `PickleMachine` are several times what the largest training
/// checkpoint of the family needs, and bound the memory of any pickle to some ten megabytes.
struct PickleHeap {
  /// The elements of tuples, lists and sets; the alternating keys and values of dictionaries.
  private(set) var containers: [[PickleValue]] = []
  private(set) var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []
  /// Arrays whose content is not known yet are nil.
  private(set) var arrays: [PickleArray?] = []
  private(set) var arrayTypes: [PickleArrayType] = []
  private var elements = 0

  private static let maxContainers = 1 << 17
  private static let maxElements = 1 << 18
  private static let maxObjects = 1 << 15

  mutating func container(_ values: [PickleValue] = []) throws(Fault) -> Int32 {
    try requireRoom(containers.count, Self.maxContainers, "containers")
    elements += values.count
    try requireRoom(elements, Self.maxElements, "elements")
    containers.append(values)
    return Int32(containers.count - 1)
  }

  /// Appends to a container.
  mutating func extend(_ container: Int32, _ values: some Collection<PickleValue>) throws(Fault) {
    elements += values.count
    try requireRoom(elements, Self.maxElements, "elements")
    containers[Int(container)] += values
  }

  mutating func storage(_ storage: PickleStorage) throws(Fault) -> Int32 {
    try requireRoom(storages.count, Self.maxObjects, "storages")
    storages.append(storage)
    return Int32(storages.count - 1)
  }

  mutating func tensor(_ tensor: PickleTensor) throws(Fault) -> Int32 {
    elements += 2 * tensor.shape.count
    try requireRoom(elements, Self.maxElements, "elements")
    try requireRoom(tensors.count, Self.maxObjects, "tensors")
    tensors.append(tensor)
    return Int32(tensors.count - 1)
  }

  mutating func array(_ array: PickleArray?) throws(Fault) -> Int32 {
    elements += array?.shape.count ?? 0
    try requireRoom(elements, Self.maxElements, "elements")
    try requireRoom(arrays.count, Self.maxObjects, "arrays")
    arrays.append(array)
    return Int32(arrays.count - 1)
  }

  /// Sets the content of an array.
  mutating func fill(_ index: Int32, _ array: PickleArray) throws(Fault) {
    elements += array.shape.count
    try requireRoom(elements, Self.maxElements, "elements")
    arrays[Int(index)] = array
  }

  mutating func arrayType(_ type: PickleArrayType) throws(Fault) -> Int32 {
    try requireRoom(arrayTypes.count, Self.maxObjects, "element types")
    arrayTypes.append(type)
    return Int32(arrayTypes.count - 1)
  }

  mutating func setBigEndian(_ type: Int32) { arrayTypes[Int(type)].isBigEndian = true }

  private func requireRoom(_ count: Int, _ limit: Int, _ what: String) throws(Fault) {
    guard count <= limit else { throw Fault("it has more than \(limit) \(what)") }
  }
}

extension PickleHeap {
  /// The elements of a tuple or list, nil if the value is neither.
  func sequence(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let index), .list(let index): containers[Int(index)]
    default: nil
    }
  }

  /// Keys and values of a dictionary, nil if the value is none.
  func pairs(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let index) = value else { return nil }
    let flat = containers[Int(index)]
    return stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
  }

  /// A shape or strides: the numbers of a tuple or list; nil if it is none, holds anything but
  /// numbers that are not negative, or more than any tensor has dimensions.
  func lengths(_ value: PickleValue) -> [Int]? {
    guard let values = sequence(value), values.count <= SafetensorsHeader.largestRank else {
      return nil
    }
    var lengths: [Int] = []
    for value in values {
      guard case .integer(let length) = value, length >= 0 else { return nil }
      lengths.append(length)
    }
    return lengths
  }
}
