import DLAGraph

extension SyntheticWeights {
  /// Makes the weights of one of the family, for tests and for measuring speed.
  ///
  /// Norms whose output joins a shortcut are the last of each block and, where roots add their
  /// first child, those of the roots.
  ///
  /// - Parameter variant: the network; its name is the first part of every key.
  public init(_ variant: Variant) {
    let last = variant.block == .basic ? ".bn2.weight" : ".bn3.weight"
    self.init(
      model: variant.name, shortcutNorms: variant.rootShortcut ? [last, "root.bn.weight"] : [last])
  }
}
