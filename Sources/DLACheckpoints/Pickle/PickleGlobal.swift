import DLATensor
import DLAText

/// The globals that a pickle of weights may name; others are refused, and nothing is executed.
enum PickleGlobal {
  /// Dictionaries: `OrderedDict`, `Counter`, `defaultdict`, `Namespace`.
  case dictionary
  /// Types that are made of one sequence: `torch.Size`, `tuple`, `list`, `set`.
  case sequence
  case bytes
  /// `_codecs.encode`: bytes that were written as text.
  case encode
  /// `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`.
  case tensor
  /// `torch._utils._rebuild_parameter`: the tensor it is given.
  case parameter
  /// `torch._tensor._rebuild_from_type_v2`: the call that it is given.
  case fromType
  /// `torch.FloatStorage` and its kin.
  case storage(DataType)
  /// `numpy.core.multiarray._reconstruct`: an array whose content follows.
  case array
  /// `numpy.core.numeric._frombuffer`: an array with its content.
  case arrayFromBuffer
  /// `numpy.dtype`.
  case arrayType
  /// Something that stands for itself or is made of anything: a device, a data type, a number.
  case inert

  /// Finds a name among those that are allowed.
  init?(module: String, name: String) {
    guard let found = Self.allowed[ExactText("\(module) \(name)")] else { return nil }
    self = found
  }

  private static let allowed: [ExactText: PickleGlobal] = {
    var table: [ExactText: PickleGlobal] = [
      "argparse Namespace": .dictionary,
      "_codecs encode": .encode,
      "torch Size": .sequence,
      "torch device": .inert,
      "torch Tensor": .inert,
      "torch.nn.parameter Parameter": .inert,
      "torch._utils _rebuild_tensor": .tensor,
      "torch._utils _rebuild_tensor_v2": .tensor,
      "torch._utils _rebuild_parameter": .parameter,
      "torch._utils _rebuild_parameter_with_state": .parameter,
      "torch.serialization _get_layout": .inert,
      "torch._tensor _rebuild_from_type_v2": .fromType,
      "numpy ndarray": .inert,
      "numpy dtype": .arrayType,
    ]
    func add(_ names: String, of modules: String..., as global: PickleGlobal) {
      for module in modules {
        for name in names.split(separator: " ") { table[ExactText("\(module) \(name)")] = global }
      }
    }
    add("OrderedDict Counter defaultdict", of: "collections", as: .dictionary)
    add("tuple list set frozenset", of: "builtins", "__builtin__", as: .sequence)
    add("bytes bytearray", of: "builtins", "__builtin__", as: .bytes)
    // Numbers, and what a defaultdict makes its values of.
    add(
      "int long float complex bool str dict object range xrange slice", of: "builtins",
      "__builtin__", as: .inert)
    add("_reconstruct", of: "numpy.core.multiarray", "numpy._core.multiarray", as: .array)
    add("scalar", of: "numpy.core.multiarray", "numpy._core.multiarray", as: .inert)
    add("_frombuffer", of: "numpy.core.numeric", "numpy._core.numeric", as: .arrayFromBuffer)
    add(
      "float64 float32 float16 bfloat16 complex64 complex128 int64 int32 int16 int8 uint8 bool",
      of: "torch", as: .inert)
    add("strided contiguous_format channels_last preserve_format", of: "torch", as: .inert)
    for (name, dataType) in storages {
      add("\(name)Storage", of: "torch", "torch.cuda", as: .storage(dataType))
    }
    return table
  }()

  private static let storages: [(String, DataType)] = [
    ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
    ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
    ("Bool", .bool),
  ]
}
