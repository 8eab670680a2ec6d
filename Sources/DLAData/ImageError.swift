/// Why an image could not be read or prepared.
public struct ImageError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// The file is missing, is a directory, or the system refused to read it.
    case unreadable
    /// There are no bytes.
    case empty
    /// The content has no supported format.
    case unknownFormat
    /// The format is read, but not this use of it, for instance an animation.
    case unsupported
    /// The file or the image is larger than the limits.
    case tooLarge
    /// The data end too early.
    case truncated
    /// The data contradict the format.
    case corrupt
    /// The image is smaller than the crop after resizing.
    case smallerThanCrop
    /// The image could not be written in the format that was asked for.
    case unencodable
    /// The system refused memory or threads to decode images.
    case outOfMemory
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the file, what was found, what was expected, what to do.
  public let message: String
  /// The error underneath, where there is one.
  public let cause: (any Error)?

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line that starts with the file's name.
  ///   - cause: the error underneath.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    (self.code, self.message, self.cause) = (code, message, cause)
  }

  /// The message.
  public var description: String { message }
}

/// The bounds that a file must keep to before memory is taken for it.
public enum ImageLimits {
  /// The most bytes that a file may have: 512 MiB.
  public static let fileBytes = 512 << 20
  /// The most pixels on one side: what JPEG can hold.
  public static let side = 65_500
  /// The most pixels of one image, PIL's limit against decompression bombs.
  ///
  /// Fewer where decoding takes more than 6 bytes a pixel; see ``decodingBytes``.
  public static let pixels = 178_956_970
  /// The most memory for the pixels of one image while it is decoded and oriented: 1 GiB.
  ///
  /// An image takes 3 bytes a pixel, and 3 more while its orientation is applied. Some kinds take
  /// more while they are decoded, so that fewer pixels are read of them:
  /// - a CMYK JPEG 7 bytes, 153 million pixels;
  /// - a WebP that is lossless or has alpha 8 bytes, 134 million;
  /// - a progressive JPEG, or another in several scans, 2 more for each component, whose
  ///   coefficients libjpeg holds: in colour 9 bytes, 119 million; CMYK 15 bytes, 71 million.
  ///
  /// The file's own bytes come on top where they are not mapped from a file.
  public static let decodingBytes = 1 << 30
}
