/// Whose reading of files and arithmetic of resizing to reproduce.
///
/// The two agree on ordinary JPEG, PNG and WebP pixels. They differ in CMYK conversion, in EXIF
/// orientation and in how they resize; accuracy figures were measured with one or the other.
public enum ImageConvention: String, Sendable, CaseIterable {
  /// As PIL: EXIF orientation ignored; antialiased resizing. timm measures with it.
  case pil
  /// As OpenCV: EXIF orientation applied; resizing without antialiasing. PaddleClas measures with it.
  case opencv
}
