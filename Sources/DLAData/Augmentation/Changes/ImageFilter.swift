/// The interpolation of a displaced image.
public enum ImageFilter: String, Sendable, CaseIterable {
  /// From four pixels; PIL's `BILINEAR`.
  case bilinear
  /// From sixteen pixels, a = -1; PIL's `BICUBIC` of `Image.transform`.
  case bicubic
}
