import DLAData
import Testing

@Suite struct ImageTransformTests {
  @Test(arguments: try TransformedImage.all("jitter"))
  func coloursAreTorchvisionsByteForByte(_ changed: TransformedImage) throws {
    let number = try #require(Double(changed.parts[3]))
    let change: ImageTransform? =
      switch changed.parts[2] {
      case "brightness": .brightness(number)
      case "contrast": .contrast(number)
      case "saturation": .saturation(number)
      case "hue": .hue(number)
      default: nil
      }
    try expect(changed, try #require(change))
  }

  @Test(arguments: try TransformedImage.all("rand"))
  func operationsArePaddleClassByteForByte(_ changed: TransformedImage) throws {
    let operation = try #require(RandAugment.Operation(rawValue: changed.parts[3]))
    let magnitude = try #require(Double(changed.parts[2]))
    let sign = try #require(Double(changed.parts[4]))
    try expect(changed, operation.change(magnitude: magnitude, sign: sign))
  }

  @Test(arguments: try TransformedImage.all("timm"))
  func timmsOperationsAreItsOwnByteForByte(_ changed: TransformedImage) throws {
    let policy = TimmRandAugment(isIncreasing: changed.parts[2] == "inc")
    let operation = try #require(TimmRandAugment.Operation(rawValue: changed.parts[3]))
    let filter = try #require(ImageFilter(rawValue: changed.parts[6]))
    try expect(
      changed,
      policy.change(
        operation, magnitude: try #require(Double(changed.parts[4])),
        sign: try #require(Double(changed.parts[5])), filter: filter))
  }

  @Test(arguments: try TransformedImage.all("auto"))
  func pairsOfAutoAugmentArePaddleClassByteForByte(_ changed: TransformedImage) throws {
    let pair = AutoAugment.pairs[try #require(Int(changed.parts[2]))]
    let sign = try #require(Double(changed.parts[3]))
    let image = try Images.drawn(changed.parts[0])
    try changed.expect(
      image.changed(AutoAugment.change(pair.0, sign: sign))
        .changed(AutoAugment.change(pair.1, sign: sign)))
  }

  @Test func everyOperationAndSenseHasAReference() throws {
    let names = Set(
      try TransformedImage.all("rand").map { $0.parts.dropFirst(2).joined(separator: "/") })
    let single: Set<RandAugment.Operation> = [
      .rotate, .posterize, .solarize, .autocontrast, .equalize, .invert,
    ]
    for operation in RandAugment.Operation.allCases {
      #expect(names.contains("9/\(operation)/1"))
      #expect(names.contains("4.5/\(operation)/-1"))
      #expect(names.contains("9/\(operation)/-1") != single.contains(operation))
    }
    #expect(try TransformedImage.all("jitter").count == 5 * 13)
    #expect(try TransformedImage.all("auto").count == 2 * 25)
    let timm = try TransformedImage.all("timm").map { Array($0.parts[0...3]) }
    #expect(Set(timm).count == 2 * 2 * TimmRandAugment.Operation.allCases.count)
  }

  @Test func noBitsLeftAreBlack() throws {
    let image = try Images.drawn("noise")
    #expect(image.changed(.posterize(bits: 0)).pixels.allSatisfy { $0 == 0 })
    #expect(image.changed(.posterize(bits: 8)) == image)
  }

  @Test func identityTransformsLeaveEveryByte() throws {
    let changes: [ImageTransform] = [
      .brightness(1), .contrast(1), .saturation(1), .sharpness(1), .solarize(threshold: 256),
      .shearX(0), .shearY(0), .translateX(0), .translateY(0), .rotate(degrees: 0),
    ]
    for name in ["noise", "grey", "strip", "dot"] {
      let image = try Images.drawn(name)
      for change in changes { #expect(image.changed(change) == image, "\(name): \(change)") }
    }
  }

  private func expect(_ changed: TransformedImage, _ change: ImageTransform) throws {
    try changed.expect(Images.drawn(changed.parts[0]).changed(change))
  }
}
