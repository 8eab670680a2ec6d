/// The markers of a JPEG, found without decoding it.
///
/// libjpeg makes up the end of a file that stops early and reports only its first warning, so
/// whether the end is there is found here.
struct JPEGMarkers {
  /// True if the end-of-image marker was reached.
  private(set) var isComplete = false
  /// The number of bytes of entropy-coded data, their markers included.
  private(set) var scanBytes = 0
  /// True if the frame is Huffman coded; otherwise it is arithmetic coded or there is none.
  private(set) var isHuffman = false
  /// The number of components of the frame.
  private(set) var components = 0
  /// True if the components come in several scans, as in every progressive JPEG; libjpeg then holds
  /// all their coefficients.
  private(set) var hasManyScans = false
  /// The orientation in the EXIF segment.
  private(set) var orientation = Orientation.upright

  /// Walks the markers of `source`, which starts with a start-of-image marker.
  init(_ source: ImageSource) {
    let bytes = source.bytes
    var offset = 2
    var hasExif = false
    while let marker = Self.nextMarker(in: bytes, from: &offset) {
      switch marker {
      case 0xD9:
        isComplete = true
        return
      case 0xD8, 0x01, 0xD0...0xD7:
        continue
      default:
        guard let length = source.bigEndian16(at: offset), length >= 2,
          length <= bytes.count - offset
        else { return }
        let segment = UnsafeRawBufferPointer(rebasing: bytes[(offset + 2)..<(offset + length)])
        switch marker {
        case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
          isHuffman = isHuffman || marker <= 0xC2
          hasManyScans = hasManyScans || marker == 0xC2 || marker == 0xCA
          components = max(components, segment.count > 5 ? Int(segment[5]) : 0)
        case 0xDA where (segment.first.map(Int.init) ?? 0) < components:
          hasManyScans = true
        default: break
        }
        // Of several, OpenCV takes the first that is not empty and precedes the pixels.
        if marker == 0xE1, !hasExif, scanBytes == 0, segment.count > 6,
          segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0])
        {
          hasExif = true
          orientation = Orientation(tiff: UnsafeRawBufferPointer(rebasing: segment.dropFirst(6)))
        }
        offset += length
        if marker == 0xDA {
          let start = offset
          Self.skipScan(in: bytes, from: &offset)
          scanBytes += offset - start
        }
      }
    }
  }

  /// The next marker's code, with `offset` moved past it; bytes between are skipped as libjpeg does.
  private static func nextMarker(in bytes: UnsafeRawBufferPointer, from offset: inout Int) -> UInt8?
  {
    while let start = bytes.firstOffset(of: 0xFF, from: offset) {
      offset = start + 1
      while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
      guard offset < bytes.count else { return nil }
      let code = bytes[offset]
      offset += 1
      if code != 0 { return code }
    }
    return nil
  }

  /// Moves `offset` to the marker that ends entropy-coded data, or to the end of the file.
  private static func skipScan(in bytes: UnsafeRawBufferPointer, from offset: inout Int) {
    while let start = bytes.firstOffset(of: 0xFF, from: offset) {
      guard start + 1 < bytes.count else { break }
      switch bytes[start + 1] {
      case 0, 0xD0...0xD7: offset = start + 2
      case 0xFF: offset = start + 1
      default:
        offset = start
        return
      }
    }
    offset = bytes.count
  }
}
