/// An image format, detected from the content.
enum ImageFormat {
  case jpeg
  case png
  case webP
  case bmp

  /// Detects the format; the error describes other content.
  static func of(_ source: ImageSource) throws(ImageError) -> ImageFormat {
    if isPNG(source) { return .png }
    if source.bytes.count >= 3, source.bytes[0] == 0xFF, source.bytes[1] == 0xD8,
      source.bytes[2] == 0xFF
    {
      return .jpeg
    }
    if source.matches("RIFF"), source.matches("WEBP", at: 8) { return .webP }
    if source.matches("BM") { return .bmp }
    if source.bytes.isEmpty {
      throw source.error(.empty, "the file is empty; expected a JPEG, PNG, WebP or BMP image")
    }
    throw source.error(
      .unknownFormat,
      "the content looks like \(impression(of: source)); expected a JPEG, PNG, WebP or BMP image, so "
        + "convert it first")
  }

  private static func isPNG(_ source: ImageSource) -> Bool {
    source.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  /// A description of content that has none of the formats.
  private static func impression(of source: ImageSource) -> String {
    let signatures: [(StaticString, Int, String)] = [
      ("GIF8", 0, "a GIF"), ("II*\0", 0, "a TIFF"), ("MM\0*", 0, "a TIFF"),
      ("%PDF", 0, "a PDF"), ("8BPS", 0, "a Photoshop document"), ("ftypavif", 4, "an AVIF"),
      ("ftypavis", 4, "an AVIF"), ("ftyphei", 4, "a HEIC"), ("ftyphev", 4, "a HEIC"),
      ("ftypmif1", 4, "a HEIC or AVIF"), ("ftypmsf1", 4, "a HEIC or AVIF"),
      ("ftyp", 4, "a video (MP4)"), ("jP  ", 4, "a JPEG 2000"), ("JXL ", 4, "a JPEG XL"),
      ("PK\u{3}\u{4}", 0, "a ZIP archive"), ("RIFF", 0, "a RIFF file (sound or video)"),
    ]
    for (signature, offset, name) in signatures where source.matches(signature, at: offset) {
      return name
    }
    let start = source.bytes.prefix(512)
    if start.starts(with: [0xFF, 0x0A]) { return "a JPEG XL" }
    if start.starts(with: [0x1F, 0x8B]) { return "a gzip archive" }
    if start.allSatisfy({ $0 == 0 }) { return "nothing but zeros (an interrupted copy?)" }
    if start.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }) {
      let text = String(decoding: start, as: UTF8.self).lowercased()
      if text.contains("<svg") { return "an SVG drawing" }
      if text.contains("<html") || text.contains("<!doctype") { return "an HTML page" }
      return "text"
    }
    return "unknown binary data"
  }
}
