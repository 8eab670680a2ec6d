/// The header of a BMP file, which tells where and how its pixels lie.
private struct BMPHeader {
  let width: Int
  let height: Int
  /// Rows are stored from the last to the first unless the height is negative.
  let isTopDown: Bool
  let bits: Int
  /// The colours of indexed pixels, 3 bytes each: red, green, blue.
  let palette: [UInt8]
  /// The bits of red, green and blue in a pixel that is no index.
  let masks: [Int]
  let pixelOffset: Int

  /// Reads the headers of Windows (40 bytes and more) and of OS/2.
  init(_ source: ImageSource) throws(ImageError) {
    func damaged(_ reason: String) -> ImageError {
      source.error(.corrupt, "the BMP header \(reason); get the file again or save it anew")
    }
    guard let size = source.littleEndian32(at: 14), source.bytes.count >= 14 + size else {
      throw source.error(
        .truncated, "the BMP stops in its header; is the download or copy complete?")
    }
    let isOld = size == 12
    guard isOld || [40, 52, 56, 64, 108, 124].contains(size) else {
      throw source.error(.unsupported, "the BMP header has \(size) bytes; save the image anew")
    }
    // All fields lie within the header, whose length was checked.
    func half(_ offset: Int) -> Int {
      Int(source.bytes[14 + offset]) | Int(source.bytes[15 + offset]) << 8
    }
    func word(_ offset: Int) -> Int { source.littleEndian32(at: 14 + offset) ?? 0 }
    let signedHeight = isOld ? half(6) : Int(Int32(truncatingIfNeeded: word(8)))
    width = isOld ? half(4) : word(4)
    (height, isTopDown) = (abs(signedHeight), signedHeight < 0)
    bits = half(isOld ? 10 : 14)
    let compression = isOld ? 0 : word(16)
    guard compression == 0 || compression == 3 && (bits == 16 || bits >= 24) else {
      let names = [1: "run lengths", 2: "run lengths", 4: "JPEG", 5: "PNG"]
      throw source.error(
        .unsupported,
        "the BMP is compressed (\(names[compression] ?? "method \(compression)")); save it "
          + "uncompressed, or as PNG")
    }
    var end = 14 + size
    var masks = bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF_0000, 0xFF00, 0xFF]
    if compression == 3 {
      guard source.bytes.count >= 14 + 52 else { throw damaged("lacks its masks") }
      let found = [word(40), word(44), word(48)]
      if found != [0, 0, 0] { masks = found }
      if size == 40 { end += 12 }
    }
    let wide = bits == 32 ? [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000] : [0xFF, 0xFF00, 0xFF_0000]
    let known =
      switch bits {
      case 1, 4, 8: true
      case 16: masks == [0x7C00, 0x3E0, 0x1F] || masks == [0xF800, 0x7E0, 0x1F]
      case 24, 32: Set(masks).count == 3 && masks.allSatisfy(wide.contains)
      default: false
      }
    guard known else {
      throw source.error(
        .unsupported, "the BMP has \(bits) bits a pixel of an unusual order; save it as PNG")
    }
    self.masks = masks
    var offset = source.littleEndian32(at: 10) ?? 0
    guard bits <= 8 else {
      palette = []
      pixelOffset = offset == 0 ? end : offset
      return
    }
    let listed = isOld ? 0 : word(32)
    let colours = listed == 0 ? 1 << bits : listed
    let step = isOld ? 3 : 4
    guard colours <= 1 << 16, source.bytes.count >= end + colours * step else {
      throw damaged("claims \(colours) colours that are not there")
    }
    palette = (0..<min(colours, 256)).flatMap { index in
      (0..<3).map { source.bytes[end + index * step + 2 - $0] }
    }
    end += colours * step
    // Some writers forget the colours.
    if offset == 14 + size || offset == 0 { offset = end }
    pixelOffset = offset
  }
}

/// Decodes an uncompressed BMP of 1, 4, 8, 16, 24 or 32 bits a pixel; alpha is dropped.
///
/// Channels of 5 and 6 bits are widened as the reference does it: PIL scales to 255, OpenCV shifts.
func decodeBMP(
  _ source: ImageSource, convention: ImageConvention
) throws(ImageError) -> (image: RGBImage, orientation: Orientation) {
  let header = try BMPHeader(source)
  try source.checkSize(of: "BMP", width: header.width, height: header.height)
  let rowBytes = (header.width * header.bits + 7) / 8
  let stride = (header.width * header.bits + 31) / 32 * 4
  // The last row may lack its padding.
  guard source.bytes.count - header.pixelOffset >= stride * (header.height - 1) + rowBytes else {
    throw source.error(
      .truncated,
      "the BMP stops before its end (\(source.bytes.count) bytes are there); is the download or copy "
        + "complete?")
  }
  var isWhole = true
  let image = RGBImage(width: header.width, height: header.height) { pixels in
    for row in 0..<header.height {
      let line = header.isTopDown ? row : header.height - 1 - row
      let start = header.pixelOffset + line * stride
      let source = UnsafeRawBufferPointer(rebasing: source.bytes[start..<(start + rowBytes)])
      let target = pixels + row * header.width * 3
      switch header.bits {
      case 16: widen(source, header.masks[0] == 0xF800, convention, to: target)
      case 24, 32: reorder(source, header, to: target)
      default: isWhole = lookUp(source, header, to: target) && isWhole
      }
    }
  }
  guard isWhole else {
    throw source.error(
      .corrupt, "the BMP has pixels of colours that it lacks; get the file again or save it anew")
  }
  return (image, .upright)
}

/// Writes the colours of a row of indices, several of them in a byte, the first in its high bits.
///
/// - Returns: false if there is an index without a colour.
private func lookUp(
  _ row: UnsafeRawBufferPointer, _ header: BMPHeader, to target: UnsafeMutablePointer<UInt8>
) -> Bool {
  let perByte = 8 / header.bits
  var isWhole = true
  for column in 0..<header.width {
    let shift = 8 - header.bits * (column % perByte + 1)
    let index = Int(row[column / perByte]) >> shift & (1 << header.bits - 1)
    let isKnown = index * 3 < header.palette.count
    isWhole = isWhole && isKnown
    for channel in 0..<3 {
      target[column * 3 + channel] = isKnown ? header.palette[index * 3 + channel] : 0
    }
  }
  return isWhole
}

/// Writes a row of pixels of 5, 5 and 5 bits, or of 5, 6 and 5.
private func widen(
  _ row: UnsafeRawBufferPointer, _ hasSixBits: Bool, _ convention: ImageConvention,
  to target: UnsafeMutablePointer<UInt8>
) {
  let green = hasSixBits ? 6 : 5
  for column in 0..<(row.count / 2) {
    let pixel = Int(row[column * 2]) | Int(row[column * 2 + 1]) << 8
    for (channel, (shift, bits)) in [(5 + green, 5), (5, green), (0, 5)].enumerated() {
      let limit = 1 << bits - 1
      let level = pixel >> shift & limit
      let wide = convention == .pil ? level * 255 / limit : level << (8 - bits)
      target[column * 3 + channel] = UInt8(truncatingIfNeeded: wide)
    }
  }
}

/// Writes a row of pixels whose channels are bytes.
private func reorder(
  _ row: UnsafeRawBufferPointer, _ header: BMPHeader, to target: UnsafeMutablePointer<UInt8>
) {
  let (red, green, blue) = (
    header.masks[0].trailingZeroBitCount / 8, header.masks[1].trailingZeroBitCount / 8,
    header.masks[2].trailingZeroBitCount / 8
  )
  let step = header.bits / 8
  for column in 0..<header.width {
    let pixel = column * step
    target[column * 3] = row[pixel + red]
    target[column * 3 + 1] = row[pixel + green]
    target[column * 3 + 2] = row[pixel + blue]
  }
}
