import DLATensor

/// Something that a pickle has made.
///
/// Values are small and flat: containers, tensors and arrays are places in a `PickleHeap`. So a
/// structure that contains itself, or is a million deep, costs no recursion here, neither when it is
/// walked nor when it is freed.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// A two's complement number of more than eight bytes, little-endian.
  case longInteger(PickleSpan)
  case float(Double)
  case text(PickleSpan)
  case bytes(PickleSpan)
  /// Bytes that were written as text, a character each, as Python 3 does below protocol 3.
  case latin1(PickleSpan)
  case tuple(Int32)
  case list(Int32)
  case dictionary(Int32)
  case global(PickleGlobal)
  case storage(Int32)
  case tensor(Int32)
  case array(Int32)
  case arrayType(Int32)
  /// Something harmless that weights don't depend on, for instance a device.
  case inert
}

/// A part of a pickle's bytes.
struct PickleSpan {
  let start: Int
  let count: Int32

  var range: Range<Int> { start..<start + Int(count) }
}

/// The elements that tensors share: the persistent object `('storage', type, key, place, count)`.
struct PickleStorage {
  /// The key in the archive or the legacy file.
  let key: String
  let dataType: DataType
  /// Elements of the storage.
  let count: Int
  /// The first element within the elements of that key; not 0 for views of the legacy format.
  let offset: Int
}

/// A PyTorch tensor: `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …)`.
struct PickleTensor {
  /// Its place in `PickleHeap.storages`.
  let storage: Int
  /// In elements of the storage.
  let offset: Int
  let shape: [Int]
  /// In elements of the storage, none negative.
  let strides: [Int]
}

struct PickleArray {
  let shape: [Int]
  /// Its place in `PickleHeap.arrayTypes`.
  let type: Int
  let isFortranOrder: Bool
  /// Its elements: bytes, or bytes as text.
  let content: PickleValue
}

/// A NumPy element type, for instance `<f4`.
struct PickleArrayType {
  /// Without the order of bytes, for instance `f4`.
  let code: String
  var isBigEndian = false
}
