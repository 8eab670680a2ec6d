/// The grey of a pixel: PIL's conversion to `L`, ITU-R 601 with 16 fractional bits.
@inline(__always)
private func grey(_ pixel: UnsafePointer<UInt8>) -> UInt8 {
  let sum = Int32(pixel[0]) &* 19_595 &+ Int32(pixel[1]) &* 38_470 &+ Int32(pixel[2]) &* 7_471
  return UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
}

extension RGBImage {
  /// PIL's conversion to `L`, in all three channels.
  var inGray: RGBImage {
    written { source, target in
      for i in 0..<(width * height) {
        let grey = grey(source + 3 * i)
        (target[3 * i], target[3 * i + 1], target[3 * i + 2]) = (grey, grey, grey)
      }
    }
  }

  /// The mean of all pixels' greys, rounded.
  var meanGrey: UInt8 {
    let count = width * height
    let sum = pixels.withUnsafeBufferPointer { pixels in
      var sum = 0
      guard let base = pixels.baseAddress else { return sum }
      for i in 0..<count { sum &+= Int(grey(base + 3 * i)) }
      return sum
    }
    return UInt8(Double(sum) / Double(count) + 0.5)
  }

  /// PIL's `ImageEnhance.Color`.
  func saturated(_ factor: Float) -> RGBImage {
    written { source, target in
      for i in 0..<(width * height) {
        let grey = grey(source + 3 * i)
        for channel in 0..<3 {
          target[3 * i + channel] = blended(grey, source[3 * i + channel], factor)
        }
      }
    }
  }

  /// PIL's `ImageEnhance.Sharpness`, which leaves the outermost pixels as they are.
  ///
  /// Smoothing weighs the pixel 5/13 and its eight neighbours 1/13. Whole numbers give what PIL has
  /// in float32: a sum of thirteenths and a half is never nearer than 1/26 to a whole number.
  func sharpened(_ factor: Float) -> RGBImage {
    guard width >= 3, height >= 3 else { return self }
    let rowBytes = width * 3
    return written { source, target in
      target.update(from: source, count: rowBytes)
      for row in 1..<(height - 1) {
        let middle = source + row * rowBytes
        let (above, below) = (middle - rowBytes, middle + rowBytes)
        let line = target + row * rowBytes
        line.update(from: middle, count: 3)
        for i in 3..<(rowBytes - 3) {
          let sum = sumOfThree(above + i) &+ sumOfThree(middle + i) &+ sumOfThree(below + i)
          let smooth = (2 &* (sum &+ 4 &* UInt16(middle[i])) &+ 13) / 26
          line[i] = blended(UInt8(truncatingIfNeeded: smooth), middle[i], factor)
        }
        (line + rowBytes - 3).update(from: middle + rowBytes - 3, count: 3)
      }
      let last = (height - 1) * rowBytes
      (target + last).update(from: source + last, count: rowBytes)
    }
  }
}

/// One channel of a pixel and of its neighbours to the left and to the right.
@inline(__always)
private func sumOfThree(_ level: UnsafePointer<UInt8>) -> UInt16 {
  UInt16(level[-3]) &+ UInt16(level[0]) &+ UInt16(level[3])
}
