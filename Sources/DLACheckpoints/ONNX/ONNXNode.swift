/// One call of an operator.
struct ONNXNode: Sendable {
  enum Attribute: Sendable {
    case int(Int)
    case ints([Int])
    case float(Float)
  }

  let operatorName: String
  let name: String
  let inputs: [String]
  /// The name of its only output.
  let output: String
  /// In the order of their names, so that a model is always written in the same bytes.
  let attributes: KeyValuePairs<String, Attribute>

  init(
    _ operatorName: String, name: String, inputs: [String], output: String? = nil,
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) {
    (self.operatorName, self.name, self.inputs) = (operatorName, name, inputs)
    self.output = output ?? name
    self.attributes = attributes
  }

  /// The call as a `NodeProto`.
  var message: ONNXMessage {
    typealias Field = ONNXFormat.NodeProto
    var message = ONNXMessage()
    for input in inputs { message.append(input, field: Field.input) }
    message.append(output, field: Field.output)
    message.append(name, field: Field.name)
    message.append(operatorName, field: Field.opType)
    for (name, attribute) in attributes {
      message.append(attribute.message(name: name), field: Field.attribute)
    }
    return message
  }
}

extension ONNXNode.Attribute {
  /// The attribute as an `AttributeProto`.
  fileprivate func message(name: String) -> ONNXMessage {
    typealias Field = ONNXFormat.AttributeProto
    var message = ONNXMessage()
    message.append(name, field: Field.name)
    let type: ONNXFormat.AttributeType
    switch self {
    case .float(let value):
      message.append(value, field: Field.float)
      type = .float
    case .int(let value):
      message.append(value, field: Field.int)
      type = .int
    case .ints(let values):
      // Not packed: onnx.proto is of protobuf's second syntax and does not ask for it.
      for value in values { message.append(value, field: Field.ints) }
      type = .ints
    }
    message.append(type.rawValue, field: Field.type)
    return message
  }
}
