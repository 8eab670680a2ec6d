import DLASystem
import DLATensor
import DLAText

/// The tensors of a file whose names begin alike, which may be those of one network.
///
/// Checkpoints hold more than one network's weights: averaged copies, teacher and student, the heads of
/// detectors, losses and counters. Frameworks put wrappers' names in front: `module.`, `_orig_mod.`,
/// `model.`, the names of nested dictionaries.
public struct CheckpointPart: Sendable {
  /// The file.
  public let file: CheckpointFile
  /// What stands before timm's names, for instance `module` or `teacher.backbone`; empty for nothing.
  public let name: String

  /// The tensors by timm's names, and the names that the file has for them.
  private var entries: [ExactText: CheckpointFile.Entry] = [:]
  /// timm's names in the order of the file; a name that stands twice is listed twice.
  private(set) var names: [String] = []

  /// Takes the tensors whose names begin with `prefix`, which ends in a dot or is empty.
  init(of file: CheckpointFile, prefix: String) {
    self.file = file
    name = String(prefix.dropLast())
    for entry in file.entries where entry.name.utf8.starts(with: prefix.utf8) {
      let name = WeightNames.canonical(
        String(decoding: entry.name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
      names.append(name)
      entries[ExactText(name)] = entry
    }
  }

  /// Finds a tensor by timm's name for it, regardless of the framework that wrote the file.
  ///
  /// - Parameter name: for instance `level2.tree1.bn1.running_mean`.
  /// - Returns: the tensor; nil if the part has none that is called so.
  public func weight(named name: String) -> CheckpointFile.Entry? { entries[ExactText(name)] }

  /// The tensors of the file that neither a network reads nor batch norm counts with.
  ///
  /// - Parameters:
  ///   - used: the tensors of the network.
  ///   - others: parts that are networks of their own.
  /// - Returns: the names that the file has for them, in its order.
  public func leftOver(
    besides used: [TensorSpecification], and others: [CheckpointPart]
  ) -> [String] {
    let used = Set(used.compactMap { weight(named: $0.name).map { ExactText($0.name) } })
    let prefixes = ([self] + others).map { $0.name.isEmpty ? "" : $0.name + "." }
    return file.entries.map(\.name).filter { name in
      !used.contains(ExactText(name))
        && !prefixes.contains { prefix in
          guard name.utf8.starts(with: prefix.utf8) else { return false }
          let own = String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
          return WeightNames.isNetwork(own)
        }
    }
  }

  /// The name in the file of a classifier that stands elsewhere, without `.weight`; nil for none.
  public var foreignHead: String? {
    let own = name.isEmpty ? "fc.weight" : "\(name).fc.weight"
    guard let head = weight(named: "fc.weight")?.name, head != own else { return nil }
    return String(decoding: head.utf8.dropLast(".weight".utf8.count), as: UTF8.self)
  }

  /// A hash of which tensors of the file these are.
  var fingerprint: UInt64 {
    let head = [weight(named: "fc.weight"), weight(named: "fc.bias")].map { $0?.name ?? "" }
    return Array((([name] + head).joined(separator: "\0")).utf8).withUnsafeBytes { xxHash64($0) }
  }
}

extension CheckpointPart {
  /// The part with a linear layer that stands elsewhere in the file as its classifier.
  ///
  /// A layer suits if it has a weight of shape [classes, channels] or [classes, channels, 1, 1]
  /// ([channels, classes] in a file of Paddle) and a bias of [classes]. Of several, one that is called
  /// `fc`, `classifier`, `head` or `linear` is taken.
  ///
  /// - Parameter channels: the channels of the last level.
  /// - Returns: nil if there is no such layer, or several.
  public func withLinearHead(channels: Int) -> CheckpointPart? {
    let isBody = { WeightNames.isNetwork($0) && !$0.utf8.starts(with: "fc.".utf8) }
    let body = Set(names.filter(isBody).compactMap { weight(named: $0).map { ExactText($0.name) } })
    let heads = file.entries.compactMap { entry in
      body.contains(ExactText(entry.name)) ? nil : head(entry, channels: channels)
    }
    let usual = heads.filter { head in
      Self.usualHeads.contains { head.stem == $0 || head.stem.utf8.ends(with: ".\($0)".utf8) }
    }
    guard let head = heads.count == 1 ? heads[0] : usual.count == 1 ? usual[0] : nil else {
      return nil
    }
    var part = self
    let own = [head.weight.name, head.bias.name].map { ExactText($0) }
    part.names.removeAll { weight(named: $0).map { own.contains(ExactText($0.name)) } ?? false }
    for (name, entry) in [("fc.weight", head.weight), ("fc.bias", head.bias)] {
      if !part.names.contains(name) { part.names.append(name) }
      part.entries[ExactText(name)] = entry
    }
    return part
  }

  private static let usualHeads = ["fc", "classifier", "head", "linear"]

  private func head(
    _ entry: CheckpointFile.Entry, channels: Int
  ) -> (stem: String, weight: CheckpointFile.Entry, bias: CheckpointFile.Entry)? {
    let ending = ".weight"
    guard entry.name.utf8.ends(with: ending.utf8), entry.dataType.isFloatingPoint else {
      return nil
    }
    let stem = String(decoding: entry.name.utf8.dropLast(ending.utf8.count), as: UTF8.self)
    guard let bias = file.entry(named: stem + ".bias"), bias.shape.count == 1, bias.count > 0,
      bias.dataType.isFloatingPoint,
      let weight = entry.asPointwise(outputs: bias.count, inputs: channels, format: file.format)
    else { return nil }
    return (stem, weight, bias)
  }
}

extension CheckpointFile.Entry {
  /// A linear layer's weight as that of a 1×1 convolution, [outputs, inputs, 1, 1]; nil for others.
  fileprivate func asPointwise(
    outputs: Int, inputs: Int, format: CheckpointFormat
  ) -> CheckpointFile.Entry? {
    let shape = [outputs, inputs, 1, 1]
    if self.shape == shape { return self }
    guard self.shape.count == 2 else { return nil }
    // A square weight of Paddle is transposed too.
    let isTransposed = format == .paddle && self.shape == [inputs, outputs]
    guard isTransposed || self.shape == [outputs, inputs] else { return nil }
    let strides = stored.layout?.strides ?? [self.shape[1], 1]
    return CheckpointFile.Entry(
      stored: StoredTensor(
        name: name, dataType: dataType, shape: shape, parts: stored.parts,
        layout: .init(
          offset: stored.layout?.offset ?? 0,
          strides: (isTransposed ? strides.reversed() : strides) + [1, 1])))
  }
}

extension CheckpointFile {
  /// The most parts of a file that are looked at.
  private static let maxParts = 16

  /// The parts that may be networks, in the order in which they are preferred; at least one.
  ///
  /// Averages of the weights (`ema`, `swa`, `averaged`) come first, teachers last, others in the order
  /// of the file. Without the first tensor of any network, the part is all that stands behind the
  /// prefix that all names have in common.
  public var parts: [CheckpointPart] {
    let first = "base_layer.0.weight"
    var prefixes: [String] = []
    for entry in entries where entry.name.utf8.ends(with: first.utf8) {
      let prefix = String(
        decoding: entry.name.utf8.dropLast(first.utf8.count), as: UTF8.self)
      guard prefix.isEmpty || prefix.utf8.last == UInt8(ascii: ".") else { continue }
      prefixes.append(prefix)
      if prefixes.count == Self.maxParts { break }
    }
    if prefixes.isEmpty { prefixes = [WeightNames.commonPrefix(entries.map(\.name))] }
    let ranked = prefixes.enumerated().sorted {
      (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset)
    }
    return ranked.map { CheckpointPart(of: self, prefix: $0.element) }
  }

  private static func rank(_ prefix: String) -> Int {
    let words = prefix.lowercased().split { $0 == "." || $0 == "_" }
    if words.contains(where: { ["ema", "swa", "averaged", "average"].contains($0) }) { return 0 }
    return words.contains("teacher") ? 2 : 1
  }
}
