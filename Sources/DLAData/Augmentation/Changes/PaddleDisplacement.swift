extension RGBImage {
  /// The lines that a shear displaces.
  enum Lines {
    case rows
    case columns
  }

  /// PIL's `Image.transform` by whole pixels: source pixels are `x` and `y` further on, the nearest
  /// is taken.
  ///
  /// Positions add up in float64 pixel by pixel, as in Pillow's `ImagingScaleAffine`.
  func translated(x: Double, y: Double) -> RGBImage {
    func sources(_ offset: Double, _ length: Int) -> [Int?] {
      var position = offset + 0.5
      return (0..<length).map { _ in
        defer { position += 1 }
        return position >= 0 && position < Double(length) ? Int(position) : nil
      }
    }
    let columns = sources(x, width)
    let rows = sources(y, height)
    return displaced { source, target in
      for (row, from) in rows.enumerated() {
        guard let from else { continue }
        let line = source + from * width * 3
        for (column, from) in columns.enumerated() {
          guard let from else { continue }
          (target + (row * width + column) * 3).update(from: line + from * 3, count: 3)
        }
      }
    }
  }

  /// PIL's `Image.rotate` around the centre, taking the nearest pixels.
  ///
  /// Positions have 16 fractional bits, as in Pillow's `affine_fixed`, which it uses as long as all
  /// are below 32,768.
  func rotated(degrees: Double) -> RGBImage {
    func fixed(_ x: Double) -> Int { Int((x * 65_536 + 0.5).rounded(.down)) }
    let matrix = Displacement.rotation(degrees: degrees).matrix(width: width, height: height)
    let (cosine, sine, x, y) = (matrix[0], matrix[1], matrix[2], matrix[5])
    var start = (x: fixed(x + cosine * 0.5 + sine * 0.5), y: fixed(y + -sine * 0.5 + cosine * 0.5))
    let across = (x: fixed(cosine), y: fixed(-sine))
    let down = (x: fixed(sine), y: fixed(cosine))
    return displaced { source, target in
      var pixel = target
      for _ in 0..<height {
        var (x, y) = (start.x, start.y)
        for _ in 0..<width {
          let (column, row) = (x >> 16, y >> 16)
          if column >= 0, column < width, row >= 0, row < height {
            let from = source + (row &* width &+ column) &* 3
            (pixel[0], pixel[1], pixel[2]) = (from[0], from[1], from[2])
          }
          x &+= across.x
          y &+= across.y
          pixel += 3
        }
        start.x += down.x
        start.y += down.y
      }
    }
  }

  /// PIL's `Image.transform` by a shear, bicubic: source pixels are `factor` times the number of
  /// the line further along it.
  ///
  /// In float64 as in Pillow's `bicubic_filter32RGB`. Its other direction meets pixels exactly
  /// and does nothing, so only one is computed.
  func sheared(by factor: Double, along lines: Lines) -> RGBImage {
    let isRows = lines == .rows
    let length = isRows ? width : height
    let step = isRows ? 3 : width * 3
    return displaced { source, target in
      for row in 0..<height {
        for column in 0..<width {
          let (along, line) = isRows ? (column, row) : (row, column)
          let position = Double(along) + 0.5 + factor * (Double(line) + 0.5)
          guard position >= 0, position < Double(length) else { continue }
          let place = position - 0.5
          let first = place < 0 ? -1 : Int(place)
          let begin = source + (isRows ? row * width : column) * 3
          let taps = (
            begin + min(max(first - 1, 0), length - 1) * step, begin + max(first, 0) * step,
            begin + min(first + 1, length - 1) * step, begin + min(first + 2, length - 1) * step
          )
          let pixel = target + (row * width + column) * 3
          for channel in 0..<3 {
            pixel[channel] = level(
              cubic(
                Double(taps.0[channel]), Double(taps.1[channel]), Double(taps.2[channel]),
                Double(taps.3[channel]), at: place - Double(first)))
          }
        }
      }
    }
  }

  /// An image of the same size that is all background until it is written to.
  private func displaced(
    _ write: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
  ) -> RGBImage {
    written { source, target in
      target.update(repeating: ImageTransform.background, count: width * height * 3)
      write(source, target)
    }
  }
}
