/// The bounds that a file must keep to before memory is taken for it.
public enum ImageLimits {
  /// The most bytes that a file may have: 512 MiB.
  public static let fileBytes = 512 << 20
  /// The most pixels on one side: what JPEG can hold.
  public static let side = 65_500
  /// The most pixels of one picture, PIL's limit against decompression bombs.
  ///
  /// Such a picture takes 537 MB, a CMYK JPEG of the size a further 716 MB while it is converted.
  public static let pixels = 178_956_970
}
