import CYAML
import DLAText

/// The events of libyaml in a text.
///
/// Cost: libyaml reads little ahead, so a reader that stops early costs little.
struct YAMLEvents: ~Copyable {
  struct Event {
    enum Kind {
      case scalar(YAMLScalar)
      case listStart
      case listEnd
      case mappingStart
      case mappingEnd
      case alias(String)
      case documentStart
      case documentEnd
      case streamStart
      case streamEnd

      /// True if it contains other values.
      var opens: Bool {
        switch self {
        case .listStart, .mappingStart: true
        default: false
        }
      }
    }

    let kind: Kind
    /// The line it begins in, counted from 1.
    let line: Int
    /// The name that the value can be repeated by; nil if it has none.
    var anchor: String?
    /// True if the value has an explicit tag.
    var hasTag = false
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>
  private let name: String

  /// Starts to read UTF-8, which outlives the reader; errors call it `name`.
  ///
  /// - Throws: `RecipeError` with `.unreadable` if there is no memory.
  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(RecipeError) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    (self.bytes, self.name) = (bytes, name)
    guard yaml_parser_initialize(parser) == 1 else {
      throw RecipeError(
        .unreadable, "\(printablePath(name)): there is not enough memory to read it")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event; none after the end of the stream.
  ///
  /// - Throws: `RecipeError` with `.malformed` if the text is not YAML.
  mutating func next() throws(RecipeError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let line = event.start_mark.line + 1
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let text = YAMLScalar(
        text: String(decoding: bytes, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      return Event(
        kind: .scalar(text), line: line, anchor: name(scalar.anchor), hasTag: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(
        kind: .listStart, line: line, anchor: name(start.anchor), hasTag: start.tag != nil)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(
        kind: .mappingStart, line: line, anchor: name(start.anchor), hasTag: start.tag != nil)
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .listEnd, line: line)
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, line: line)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias(name(event.data.alias.anchor) ?? ""), line: line)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, line: line)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, line: line)
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, line: line)
    default: return Event(kind: .streamEnd, line: line)
    }
  }

  /// The name of an anchor: letters and digits of ASCII, `_` and `-`.
  private func name(_ anchor: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    anchor.map { String(cString: $0) }
  }

  /// The error that libyaml found in the text.
  private func failure() -> RecipeError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
    let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
    let line: Int
    if parser.pointee.error == YAML_READER_ERROR {
      // Undecodable bytes have a position but no line.
      let end = min(parser.pointee.problem_offset, bytes.count)
      line = bytes[..<end].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    } else {
      line = parser.pointee.problem_mark.line + 1
    }
    return RecipeError(
      .malformed,
      "\(YAMLNode.Origin.line(line).place(in: name)): this is no YAML: \(printable(problem))"
        + printable(context))
  }
}
