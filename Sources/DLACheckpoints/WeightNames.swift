/// The mapping of frameworks' tensor names to timm's.
enum WeightNames {
  /// The most wrappers around one another.
  private static let maxWrappers = 4

  /// Paddle's names of batch norm's statistics.
  private static let statistics = [("._mean", ".running_mean"), ("._variance", ".running_var")]

  /// timm's name instead of Paddle's.
  static func canonical(_ name: String) -> String {
    for (paddle, timm) in statistics where name.utf8.ends(with: paddle.utf8) {
      return String(decoding: name.utf8.dropLast(paddle.utf8.count), as: UTF8.self) + timm
    }
    return name
  }

  /// The prefix of wrappers that all names have; it ends in a dot or is empty.
  ///
  /// `DistributedDataParallel` puts `module.` before every name, `torch.compile` `_orig_mod.`, a class
  /// that holds the model its own name. In a network's own names the first parts differ.
  static func commonPrefix(_ names: [String]) -> String {
    guard let first = names.first, names.count > 1 else { return "" }
    var prefix = first.utf8.prefix(0)
    for _ in 0..<maxWrappers {
      guard let end = first.utf8[prefix.endIndex...].firstIndex(of: UInt8(ascii: ".")),
        names.allSatisfy({ $0.utf8.starts(with: first.utf8[...end]) })
      else { break }
      prefix = first.utf8[...end]
    }
    return String(decoding: prefix, as: UTF8.self)
  }

  /// True for names that only a network of the family has: others beside them are left out.
  static func isNetwork(_ name: String) -> Bool {
    let first = name.utf8.prefix { $0 != UInt8(ascii: ".") }
    return first.elementsEqual("base_layer".utf8) || first.elementsEqual("fc".utf8)
      || first.count == 6 && first.starts(with: "level".utf8)
  }

  /// True for the tensors in which batch norm counts its steps.
  static func isStepCounter(_ name: String) -> Bool {
    name.utf8.ends(with: ".num_batches_tracked".utf8)
  }

  /// True for tensors that a file may have although the model does not.
  ///
  /// Batch norm counts its steps in `num_batches_tracked`. The original release and PaddleClas keep
  /// a `project` in trees of more than one level, which no forward pass reads
  /// (`Tree.__init__` in dla.py at ucbdrive/dla 7ec2bdf; timm dropped it).
  static func isUnused(_ name: String) -> Bool {
    if isStepCounter(name) { return true }
    let parts = name.utf8.split(separator: UInt8(ascii: "."))
    return parts.count >= 4 && parts[0].starts(with: "level".utf8)
      && parts[parts.count - 3].elementsEqual("project".utf8)
  }
}

extension String.UTF8View {
  /// Compares bytes; `hasSuffix` would treat different spellings of a letter as equal.
  func ends(with end: String.UTF8View) -> Bool { suffix(end.count).elementsEqual(end) }
}
