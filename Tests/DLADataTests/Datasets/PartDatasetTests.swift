import DLAData
import Foundation
import Testing
import _DLATestSupport

/// A share of a dataset and the rest.
struct PartDatasetTests {
  private let folder: TemporaryFolder
  private let whole: any Dataset

  init() throws {
    folder = try TemporaryFolder()
    for label in ["cat", "dog"] {
      for number in 0..<300 { try folder.write("", to: "data/\(label)/\(number).png") }
    }
    whole = try DatasetSource(folder.path("data"))
      .open(classes: ClassNames(count: 2, names: ["cat", "dog"]))
  }

  private func names(_ dataset: any Dataset) throws -> [String] {
    var reader = try dataset.reader()
    var names: [String] = []
    while let entry = reader.next() { names.append((try? entry.get())?.name ?? "?") }
    return names
  }

  @Test func bothPartsAreTheWhole() throws {
    let parts = try [false, true].map { try PartDataset(0.25, of: whole, seed: 1, isShare: $0) }
    let found = try parts.map(names)
    #expect(found.map { $0.count } == parts.map { $0.count })
    #expect((found[0] + found[1]).sorted() == (try names(whole)).sorted())
    // Five standard deviations of 600 draws of a quarter.
    #expect(abs(found[1].count - 150) < 54)
    #expect(parts[0].fingerprint != parts[1].fingerprint)
    #expect(parts[1].summary.hasPrefix("25 % of "))
  }

  @Test func thePartDependsOnTheSeedAloneAndNotOnTheOrder() throws {
    let part = try PartDataset(0.5, of: whole, seed: 7, isShare: true)
    let again = try PartDataset(0.5, of: whole.shuffled(seed: 3), seed: 7, isShare: true)
    let other = try PartDataset(0.5, of: whole, seed: 8, isShare: true)
    #expect(try names(part).sorted() == names(again).sorted())
    #expect(try names(part) != names(other))
    let shuffled = try part.shuffled(seed: 9)
    #expect(try names(shuffled) != names(part))
    #expect(try names(shuffled).sorted() == names(part).sorted())
    var reader = try part.reader()
    reader.skip(10)
    #expect(try reader.next()?.get().name == names(part)[10])
  }
}
