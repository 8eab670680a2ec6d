import DLATensor
import DLAText

extension SafetensorsHeader {
  /// Reads `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.
  ///
  /// - Parameters:
  ///   - scanner: stands before the object; afterwards behind it.
  ///   - name: the tensor's name.
  ///   - dataStart: where the data begins in the file.
  /// - Returns: the tensor, whose byte range fits its type and shape but not yet the file.
  /// - Throws: `Fault` that names the tensor.
  func parseEntry(
    _ scanner: inout JSONScanner, name: String, dataStart: Int
  ) throws(Fault) -> Entry {
    do {
      return try Members(&scanner).entry(name: name, dataStart: dataStart)
    } catch {
      throw Fault("tensor \(printable(name)): \(error.text)", code: error.code)
    }
  }

  /// The members of one tensor's object as they stand there.
  private struct Members {
    private var dataType: String?
    private var shape: [Int]?
    private var offsets: [Int]?

    init(_ scanner: inout JSONScanner) throws(Fault) {
      var others: Set<ExactText> = []
      var isFirst = true
      try scanner.expect("{")
      while try scanner.advance(until: "}", isFirst: &isFirst) {
        let key = try scanner.key()
        let isNew: Bool
        switch key {
        case "dtype":
          isNew = dataType == nil
          dataType = try scanner.string()
        case "shape":
          isNew = shape == nil
          shape = try Self.integers(&scanner, limit: largestRank, name: key.text)
        case "data_offsets":
          isNew = offsets == nil
          offsets = try Self.integers(&scanner, limit: 2, name: key.text)
        default:
          isNew = others.insert(key).inserted
          guard others.count <= maxUnknownKeys else {
            throw Fault("it has more than \(maxUnknownKeys) unknown keys")
          }
          try scanner.skipValue()
        }
        guard isNew else { throw Fault("\(printable(key.text)) is there twice") }
      }
    }

    private static func integers(
      _ scanner: inout JSONScanner, limit: Int, name: String
    ) throws(Fault) -> [Int] {
      var values: [Int] = []
      var isFirst = true
      try scanner.expect("[")
      while try scanner.advance(until: "]", isFirst: &isFirst) {
        guard values.count < limit else { throw Fault("\(name) has more than \(limit) numbers") }
        values.append(try scanner.integer())
      }
      return values
    }

    func entry(name: String, dataStart: Int) throws(Fault) -> Entry {
      guard let dataType else { throw Fault("dtype is missing") }
      guard let shape else { throw Fault("shape is missing") }
      guard let offsets else { throw Fault("data_offsets is missing") }
      let exact = ExactText(dataType)
      guard let type = DataType.allCases.first(where: { ExactText($0.rawValue) == exact }) else {
        let known = DataType.allCases.map(\.rawValue).joined(separator: ", ")
        throw Fault(
          "dtype \(printable(dataType)) is unknown, expected one of \(known)", code: .unsupported)
      }
      guard offsets.count == 2, offsets[0] <= offsets[1] else {
        throw Fault("data_offsets are \(offsets), expected a start and an end not before it")
      }
      guard let size = checkedSize(of: shape, type) else {
        throw Fault("shape \(shape) is too large")
      }
      guard offsets[1] - offsets[0] == size else {
        throw Fault(
          "\(type.rawValue) of shape \(shape) takes \(counted(size, "byte")), "
            + "data_offsets \(offsets) cover \(offsets[1] - offsets[0])")
      }
      let (end, overflow) = offsets[1].addingReportingOverflow(dataStart)
      guard !overflow else { throw Fault("data_offsets \(offsets) are too large") }
      return Entry(name: name, dataType: type, shape: shape, byteRange: end - size..<end)
    }
  }
}

/// The bytes of a tensor, or nil if their number does not fit an `Int`.
///
/// - Parameters:
///   - shape: the length of each dimension, none negative.
///   - dataType: the encoding of the elements.
/// - Returns: the product of the shape and the size of an element.
func checkedSize(of shape: [Int], _ dataType: DataType) -> Int? {
  var size = 1
  for length in shape + [dataType.byteCount] {
    let (product, overflow) = size.multipliedReportingOverflow(by: length)
    guard !overflow else { return nil }
    size = product
  }
  return size
}
