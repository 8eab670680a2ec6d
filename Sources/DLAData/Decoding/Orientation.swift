/// The transform that makes a stored image upright: EXIF tag 0x0112.
enum Orientation: UInt16 {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  case transposed = 5
  case quarterTurnClockwise = 6
  case transposedUpsideDown = 7
  case quarterTurnCounterclockwise = 8

  /// Reads the tag from a TIFF structure; anything unexpected means upright.
  ///
  /// Only the first directory is looked at, and only within `tiff`. The value is read as two bytes
  /// whatever type the tag claims, as OpenCV does. One thing is not followed: where an entry before
  /// the tag points outside the structure, OpenCV stops and this continues.
  init(tiff: UnsafeRawBufferPointer) {
    self = .upright
    guard tiff.count >= 8 else { return }
    let isLittle = tiff[0] == 0x49 && tiff[1] == 0x49
    guard isLittle || (tiff[0] == 0x4D && tiff[1] == 0x4D) else { return }
    func read16(_ offset: Int) -> UInt16 {
      let value = tiff.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
      return isLittle ? UInt16(littleEndian: value) : UInt16(bigEndian: value)
    }
    let start = tiff.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    let directory = Int(isLittle ? UInt32(littleEndian: start) : UInt32(bigEndian: start))
    guard read16(2) == 42, directory <= tiff.count - 2 else { return }
    for index in 0..<Int(read16(directory)) {
      let entry = directory + 2 + 12 * index
      guard entry <= tiff.count - 10 else { return }
      if read16(entry) == 0x0112 {
        self = Orientation(rawValue: read16(entry + 8)) ?? .upright
        return
      }
    }
  }

  /// True if the transform exchanges width and height.
  var swapsSides: Bool { rawValue >= 5 }
}

extension RGBImage {
  /// The upright image.
  ///
  /// Cost: one pass over the pixels, none for an upright image.
  func oriented(_ orientation: Orientation) -> RGBImage {
    guard orientation != .upright else { return self }
    let (width, height) = (self.width, self.height)
    // The first source pixel, and the steps in source pixels for one column and row of the result.
    let (lastRow, lastColumn) = ((height - 1) * width, width - 1)
    let (first, acrossStep, downStep) =
      switch orientation {
      case .upright: (0, 1, width)
      case .mirrored: (lastColumn, -1, width)
      case .upsideDown: (lastRow + lastColumn, -1, -width)
      case .mirroredUpsideDown: (lastRow, 1, -width)
      case .transposed: (0, width, 1)
      case .quarterTurnClockwise: (lastRow, -width, 1)
      case .transposedUpsideDown: (lastRow + lastColumn, -width, -1)
      case .quarterTurnCounterclockwise: (lastColumn, width, -1)
      }
    let columns = orientation.swapsSides ? height : width
    let rows = orientation.swapsSides ? width : height
    return pixels.withUnsafeBufferPointer { source in
      RGBImage(width: columns, height: rows) { target in
        var target = target
        for row in 0..<rows {
          var index = (first + row * downStep) * 3
          for _ in 0..<columns {
            target[0] = source[index]
            target[1] = source[index + 1]
            target[2] = source[index + 2]
            target += 3
            index += acrossStep * 3
          }
        }
      }
    }
  }
}
