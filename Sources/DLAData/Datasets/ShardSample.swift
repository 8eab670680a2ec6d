import DLAArchive
import DLASystem

/// The members of one sample, as they come out of a shard.
struct ShardSample {
  let key: String
  private let shard: String
  private var image: [UInt8]?
  private var label: String?
  private var problem: String?

  /// The longest text that is taken for a label.
  private static let longestLabel = 4096

  init(shard: String, key: String) {
    (self.shard, self.key) = (shard, key)
  }

  /// True if there is neither an image nor a label, nor an error in one.
  var isEmpty: Bool { image == nil && label == nil && problem == nil }

  /// True if there is an image and a label.
  var isWhole: Bool { image != nil && label != nil }

  /// Reads a member of the sample, and skips any other.
  mutating func add(_ ending: String, from tar: TarReader, isRead: Bool) throws(ArchiveError) {
    if ending == "cls" {
      guard label == nil else { return note("has two .cls files") }
      let bytes = try tar.read(limit: Self.longestLabel)
      guard let text = bytes.flatMap({ String(validating: $0, as: UTF8.self) }) else {
        return note("its .cls file is not a short text")
      }
      label = String(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    } else if ImageWalk.readable.contains(ending) {
      guard image == nil else { return note("has two images") }
      let limit = ImageLimits.fileBytes
      let bytes = isRead ? try tar.read(limit: limit) : try tar.passOver(limit: limit) ? [] : nil
      guard let bytes else { return note("its image is larger than \(limit >> 20) MiB") }
      image = bytes
    }
  }

  /// The sample, or its error; nil if it has neither an image nor a label.
  func sample(_ labels: LabelReader) -> Result<Sample, SampleError>? {
    let name = PathText.shown("\(shard.split(separator: "/").last ?? "")/\(key)")
    func failed(_ message: String) -> Result<Sample, SampleError> {
      .failure(SampleError(name: name, message: message))
    }
    if let problem { return failed(problem) }
    guard image != nil || label != nil else { return nil }
    guard let image else { return failed("has a .cls file and no image beside it") }
    guard let label else { return failed("has an image and no .cls file beside it") }
    do throws(LabelReader.Problem) {
      return .success(
        Sample(name: name, content: .bytes(image), label: try labels.index(of: label)))
    } catch {
      return .failure(
        SampleError(
          name: name, message: "\(error.found); \(error.expected)",
          kind: error.isWrongNumbering ? .wrongNumbering : .other))
    }
  }

  private mutating func note(_ problem: String) { self.problem = self.problem ?? problem }
}
