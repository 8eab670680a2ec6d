import DLAText

/// A value of a YAML document, and where it was written.
package struct YAMLNode: Sendable, Equatable {
  /// Where a value was written.
  package enum Origin: Sendable, Equatable {
    /// A line of the document, counted from 1.
    case line(Int)
    /// An override, `KEY.PATH=VALUE`.
    case option(String)
  }

  /// What a value is.
  package enum Content: Sendable, Equatable {
    /// A text, which may stand for something else.
    case scalar(YAMLScalar)
    /// Values in order.
    case list([YAMLNode])
    /// Values by name, in the order of the document; no two have the same name.
    case mapping([Entry])
  }

  /// A value of a mapping.
  package struct Entry: Sendable, Equatable {
    /// Its name.
    package var key: String
    /// Where the name was written.
    package var origin: Origin
    /// The value.
    package var value: YAMLNode
  }

  /// Where it was written.
  package var origin: Origin
  /// What it is.
  package var content: Content

  /// What messages call it: a scalar's text between quotes, or the kind of the others.
  var shown: String {
    switch content {
    case .scalar(let scalar) where scalar.value == .null: "null"
    case .scalar(let scalar):
      scalar.isPlain ? printable(scalar.text) : "'\(printable(scalar.text))'"
    case .list(let items): "a list of \(counted(items.count, "value", "values"))"
    case .mapping(let entries): "a mapping of \(counted(entries.count, "key", "keys"))"
    }
  }
}

extension YAMLNode.Origin {
  /// How a message about the value begins.
  ///
  /// - Parameter file: what the document is called.
  /// - Returns: for instance `DLA34.yaml, line 3` or `-o Global.epochs=0`.
  func place(in file: String) -> String {
    switch self {
    case .line(let line): "\(printablePath(file)), line \(line)"
    case .option(let option): "-o \(printable(option))"
    }
  }
}
