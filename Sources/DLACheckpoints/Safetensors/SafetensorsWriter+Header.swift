extension SafetensorsWriter {
  /// The length and the JSON that start a file, padded with spaces to a multiple of eight bytes.
  ///
  /// - Parameters:
  ///   - items: the tensors, in the order of their data.
  ///   - sizes: the bytes each of them takes.
  ///   - metadata: text about the file, written in the order of its keys.
  /// - Returns: the bytes before the data.
  static func header(items: [Item], sizes: [Int], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { $0.key < $1.key }
        .map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
    }
    var start = 0
    for (item, size) in zip(items, sizes) {
      let shape = item.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(item.name)):{\"dtype\":\"\(item.dataType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(start + size)]}")
      start += size
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}
