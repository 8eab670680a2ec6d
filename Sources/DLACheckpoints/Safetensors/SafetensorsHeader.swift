import DLATensor
import DLAText

/// The header of a safetensors file, checked against the length of the file.
///
/// The file is a length in eight little-endian bytes, that many bytes of JSON, and the data:
/// https://github.com/huggingface/safetensors, README and `safetensors/src/tensor.rs` at 24b0b28.
/// As there, keys of a tensor other than the three known ones are ignored, and the tensors must
/// cover the data without holes. Stricter than there: names may not repeat, `__metadata__` may not
/// be null, white space may not precede the header, a tensor may not be written as an array, and
/// the limits below hold.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let dataType: DataType
    let shape: [Int]
    /// The bytes of the elements, counted from the start of the file.
    let byteRange: Range<Int>
  }

  private(set) var metadata: [String: String] = [:]
  /// In the order of the data.
  private(set) var entries: [Entry] = []

  /// The most bytes of JSON that are read, as in the reference implementation.
  static let largestSize = 100_000_000
  /// The most dimensions of a tensor.
  static let largestRank = 16
  /// The most bytes of a tensor's name.
  static let longestName = 1024
  /// The most bytes of a key of `__metadata__`.
  static let longestMetadataKey = 256
  /// The most keys of one tensor that are ignored.
  static let maxUnknownKeys = 64
  /// The most tensors of a file.
  static let maxTensors = 1 << 17
  /// The most entries of `__metadata__`.
  static let maxMetadata = 1 << 16

  /// True if the file begins like this format: a length that fits, then an object.
  static func isAt(startOf file: UnsafeRawBufferPointer) -> Bool {
    file.count > 8 && file[8] == UInt8(ascii: "{")
      && UInt64(littleEndian: file.loadUnaligned(as: UInt64.self)) <= UInt64(file.count - 8)
  }

  /// Reads the header of a whole file.
  init(file: UnsafeRawBufferPointer) throws(Fault) {
    guard !file.isEmpty else { throw Fault("the file is empty") }
    guard file.count >= 8 else {
      throw Fault("the file has \(counted(file.count, "byte")), a safetensors file has at least 8")
    }
    let size = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard size <= UInt64(file.count - 8) else {
      throw Fault(
        "the header claims \(size) bytes, the file has \(file.count - 8) after its length; "
          + "is it a safetensors file, downloaded to its end?")
    }
    guard size <= UInt64(Self.largestSize) else {
      throw Fault("the header has \(size) bytes, at most \(Self.largestSize) are read")
    }
    let dataStart = 8 + Int(size)
    do {
      try parse(UnsafeRawBufferPointer(rebasing: file[8..<dataStart]), dataStart: dataStart)
    } catch {
      throw Fault("the header is not valid: \(error.text)", code: error.code)
    }
    try checkLayout(dataStart: dataStart, fileEnd: file.count)
  }

  private mutating func parse(_ bytes: UnsafeRawBufferPointer, dataStart: Int) throws(Fault) {
    guard bytes.first == UInt8(ascii: "{") else { throw Fault("it does not start with '{'") }
    var scanner = JSONScanner(bytes)
    var names: Set<ExactText> = []
    var isFirst = true
    try scanner.expect("{")
    while try scanner.advance(until: "}", isFirst: &isFirst) {
      let name = try scanner.key()
      guard name.text.utf8.count <= Self.longestName else {
        throw Fault(
          "the name \(printable(name.text)) has \(name.text.utf8.count) bytes, "
            + "at most \(Self.longestName) are read")
      }
      guard names.insert(name).inserted else {
        throw Fault("\(printable(name.text)) is there twice")
      }
      if name == "__metadata__" {
        try parseMetadata(&scanner)
      } else {
        guard entries.count < Self.maxTensors else {
          throw Fault("it has more than \(Self.maxTensors) tensors")
        }
        entries.append(try parseEntry(&scanner, name: name.text, dataStart: dataStart))
      }
    }
    guard scanner.isAtEnd() else { throw Fault("text follows at byte \(scanner.position)") }
  }

  private mutating func parseMetadata(_ scanner: inout JSONScanner) throws(Fault) {
    var isFirst = true
    try scanner.expect("{")
    while try scanner.advance(until: "}", isFirst: &isFirst) {
      let key = try scanner.key().text
      guard key.utf8.count <= Self.longestMetadataKey else {
        throw Fault(
          "__metadata__ has a key of \(key.utf8.count) bytes, "
            + "at most \(Self.longestMetadataKey) are read")
      }
      let previous = metadata.updateValue(try scanner.string(), forKey: key)
      guard previous == nil else { throw Fault("__metadata__ has \(printable(key)) twice") }
      guard metadata.count <= Self.maxMetadata else {
        throw Fault("__metadata__ has more than \(Self.maxMetadata) entries")
      }
    }
  }

  /// Orders the tensors by their data and checks that they cover all of it once.
  private mutating func checkLayout(dataStart: Int, fileEnd: Int) throws(Fault) {
    entries.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    var end = dataStart
    for entry in entries {
      let range = entry.byteRange
      guard range.upperBound <= fileEnd else {
        throw Fault(
          "tensor \(printable(entry.name)) ends at byte \(range.upperBound), "
            + "the file at \(fileEnd); was it downloaded to its end?")
      }
      guard range.lowerBound == end else {
        let fault = range.lowerBound < end ? "overlaps the tensor before it" : "follows a hole"
        throw Fault(
          "tensor \(printable(entry.name)) starts at byte \(range.lowerBound) and \(fault), "
            + "which ends at \(end)")
      }
      end = range.upperBound
    }
    guard end == fileEnd else {
      throw Fault("the tensors end at byte \(end), the file at \(fileEnd)")
    }
  }
}

extension SafetensorsHeader {
  /// Reads `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.
  ///
  /// The scanner stands before the object, afterwards behind it. The data begins at `dataStart` of
  /// the file.
  ///
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
