import DLAData
import Foundation

/// Reads bytes as a list, a table, a file of class names, a shard or a table of outcomes, chosen by
/// the first byte.
func readDataset(_ bytes: UnsafeRawBufferPointer) {
  guard let kind = bytes.first else { return }
  let content = Array(bytes.dropFirst())
  switch kind {
  case UInt8(ascii: "l"): readDataset(content, ".txt")
  case UInt8(ascii: "c"): readDataset(content, ".csv")
  case UInt8(ascii: "t"): readDataset(content, ".tar")
  case UInt8(ascii: "g"): readDataset(gzip(content), ".tar.gz")
  case UInt8(ascii: "n"): readNames(content)
  case UInt8(ascii: "o"): readOutcomes(content)
  default: break
  }
}

/// Reads, shuffles and skips; all ways must give the same samples.
private func readDataset(_ content: [UInt8], _ ending: String) {
  do throws(DatasetError) {
    let dataset = try DatasetSource(write(content, ending)).open(classes: classes)
    let straight = try samples(dataset)
    precondition(dataset.count ?? straight.count == straight.count, "samples are missing")
    let shuffled = try samples(dataset.shuffled(seed: 1))
    precondition(shuffled.sorted() == straight.sorted(), "shuffling changes samples")
    var reader = try dataset.reader()
    reader.skip(straight.count / 2)
    let next = reader.next().map(described)
    precondition(next == straight.dropFirst(straight.count / 2).first, "skipping lands elsewhere")
  } catch {
    requireOneLine(error.message)
  }
}

private func samples(_ dataset: any Dataset) throws(DatasetError) -> [String] {
  var reader = try dataset.reader()
  var samples: [String] = []
  while let sample = reader.next() { samples.append(described(sample)) }
  return samples
}

private func described(_ sample: Result<Sample, SampleError>) -> String {
  switch sample {
  case .success(let sample):
    precondition((0..<classes.count).contains(sample.label), "the label is no class")
    return "\(sample.name) \(sample.label)"
  case .failure(let error):
    requireOneLine(error.description)
    return error.description
  }
}

private func readNames(_ content: [UInt8]) {
  do throws(DatasetError) {
    let names = try ClassNames(path: write(content, ".txt"))
    precondition(names.count > 0 && names.names.count == names.count, "names are missing")
  } catch {
    requireOneLine(error.message)
  }
}

/// Reading, writing and reading again must give the same.
private func readOutcomes(_ content: [UInt8]) {
  let table = OutcomeTable(classes: classes)
  let text = Array(OutcomeTable.header.utf8) + content
  let outcomes = read(text, table)
  let again = Array((OutcomeTable.header + outcomes.map(table.row).joined()).utf8)
  precondition(read(again, table) == outcomes, "outcomes change")
}

private func read(_ text: [UInt8], _ table: OutcomeTable) -> [Outcome] {
  var outcomes: [Outcome] = []
  let end = text.withUnsafeBytes { bytes in
    var reader = table.reader(bytes)
    while let outcome = reader.next() { outcomes.append(outcome) }
    return reader.wholeBytes
  }
  precondition(end <= text.count, "more was read than there is")
  return outcomes
}

private let classes = ClassNames(
  count: 3, names: ["cat", "dog", "wolf, timber wolf"],
  identifiers: ["n00000001", "n00000002", "n00000003"])

private let folder = FileManager.default.temporaryDirectory.appending(
  path: "dla-fuzz-\(ProcessInfo.processInfo.processIdentifier)")

/// Writes a file that the next call replaces.
private func write(_ content: [UInt8], _ ending: String) -> String {
  let file = folder.appending(path: "data\(ending)")
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(content).write(to: file)
  } catch {
    fatalError("\(file.path) can't be written: \(error)")
  }
  return file.path
}

/// A gzip file of a tar archive, in one block that stores; its checksum is not looked at.
private func gzip(_ content: [UInt8]) -> [UInt8] {
  let part = content.prefix(0xFFFF)
  let (low, high) = (UInt8(part.count & 0xFF), UInt8(part.count >> 8))
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1, low, high, ~low, ~high] + part
    + [UInt8](repeating: 0, count: 8)
}
