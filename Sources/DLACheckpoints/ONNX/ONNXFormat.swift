/// The part of ONNX's format that is written: messages of onnx.proto and the numbers of their fields.
///
/// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, which numbers never change;
/// operators: https://onnx.ai/onnx/operators, of the set 17.
enum ONNXFormat {
  /// The version of the messages that came with operator set 17.
  static let irVersion = 8
  /// The version of the operators.
  static let operatorSet = 17
  /// The alignment of external data, so that it can be memory-mapped.
  static let dataAlignment = 4096
  /// The largest message that protobuf readers accept: a length is an int32.
  static let largestMessage = Int(Int32.max)

  enum ModelProto {
    static let irVersion = 1
    static let producerName = 2
    static let producerVersion = 3
    static let docString = 6
    static let graph = 7
    static let opsetImport = 8
    static let metadataProps = 14
  }

  enum OperatorSetIdProto {
    static let domain = 1
    static let version = 2
  }

  enum StringStringEntryProto {
    static let key = 1
    static let value = 2
  }

  enum GraphProto {
    static let node = 1
    static let name = 2
    static let initializer = 5
    static let input = 11
    static let output = 12
  }

  enum NodeProto {
    static let input = 1
    static let output = 2
    static let name = 3
    static let opType = 4
    static let attribute = 5
  }

  enum AttributeProto {
    static let name = 1
    static let float = 2
    static let int = 3
    static let ints = 8
    static let type = 20
  }

  enum AttributeType: Int {
    case float = 1
    case int = 2
    case ints = 7
  }

  enum TensorProto {
    static let dims = 1
    static let dataType = 2
    static let name = 8
    static let rawData = 9
    static let externalData = 13
    static let dataLocation = 14
  }

  enum ElementType: Int {
    case float = 1
    case int64 = 7
    case float16 = 10
  }

  /// `TensorProto.DataLocation`, `EXTERNAL`.
  static let externalLocation = 1

  enum ValueInfoProto {
    static let name = 1
    static let type = 2
  }

  enum TypeProto {
    static let tensorType = 1
  }

  enum TensorTypeProto {
    static let elemType = 1
    static let shape = 2
  }

  enum TensorShapeProto {
    static let dim = 1
  }

  enum DimensionProto {
    static let dimValue = 1
    static let dimParam = 2
  }
}
