import DLASystem
import DLAText

/// A labelled image of a dataset, before it is read.
public struct Sample: Sendable {
  /// The location of the image's bytes.
  public enum Content: Sendable {
    /// A JPEG, PNG, WebP or BMP file.
    case file(path: String)
    /// The bytes of such a file.
    case bytes([UInt8])
  }

  /// The name in results and errors, for instance `val/n01440764/1.jpg` or `shard-000.tar/000042`.
  public let name: String
  /// The location of its bytes.
  public let content: Content
  /// The class it should have, counted from 0.
  public let label: Int

  /// Describes the image of a file, by whose path it is called.
  init(path: String, label: Int) {
    self.init(name: PathText.shown(path), content: .file(path: path), label: label)
  }

  /// Describes an image.
  ///
  /// - Parameters:
  ///   - name: what results and errors call it.
  ///   - content: where its bytes are.
  ///   - label: the class it should have, counted from 0.
  public init(name: String, content: Content, label: Int) {
    (self.name, self.content, self.label) = (name, content, label)
  }
}

/// An error of one sample of a dataset; the others can still be read.
public struct SampleError: Error, Sendable, CustomStringConvertible {
  /// The name of the missing sample in results, or the line of a list.
  public let name: String
  /// One line: what was found, what was expected, what to do.
  public let message: String

  /// The kinds of errors that callers act on.
  package enum Kind: Sendable {
    /// A class folder without images.
    case emptyClass
    /// A label that is a number of no class: others are probably wrong too.
    case wrongNumbering
    case other
  }

  package let kind: Kind

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - name: what results call the missing sample.
  ///   - message: one line without the name.
  public init(name: String, message: String) {
    self.init(name: name, message: message, kind: .other)
  }

  init(name: String, message: String, kind: Kind) {
    (self.name, self.message, self.kind) = (name, message, kind)
  }

  /// The name and the message.
  public var description: String { "\(printablePath(name)): \(message)" }
}

extension Preprocessor {
  /// Reads and decodes a sample's image.
  ///
  /// - Parameter sample: the sample.
  /// - Returns: the whole image, before resizing.
  /// - Throws: ``ImageError`` when it cannot be read or is not a whole image.
  public func image(_ sample: Sample) throws(ImageError) -> RGBImage {
    switch sample.content {
    case .file(let path): try image(path: path)
    case .bytes(let bytes): try image(decoding: bytes, name: sample.name)
    }
  }
}
