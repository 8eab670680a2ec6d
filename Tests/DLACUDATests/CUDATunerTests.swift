import DLABackend
import DLACUDA
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Synchronization
import Testing
import _DLATestSupport

/// Choosing by timing, on the simulated GPU, whose times mean nothing.
struct CUDATunerTests {
  private final class Count: Sendable {
    let timed = Atomic<Int>(0)
    let finished = Atomic<Int>(0)
  }

  private static func plan(_ folder: String, _ count: Count) throws -> CUDAPlan {
    var graph = Graph(inChannels: 3)
    let first = graph.append(
      .convolution(Convolution(inChannels: 3, outChannels: 24, kernelSize: 3)), name: "one",
      inputs: graph.input)
    graph.levels = [first]
    let pooled = graph.append(.globalAveragePool, name: "pool", inputs: first)
    graph.logits = graph.append(
      .convolution(Convolution(inChannels: 24, outChannels: 4, kernelSize: 1, hasBias: true)),
      name: "fc", inputs: pooled
    )
    return try CUDAPlan(
      graph, weights: SyntheticWeights(model: "tuned", shortcutNorms: []),
      options: .init(batchSize: 1, size: SpatialSize(height: 8, width: 8)),
      on: SimulatedGPU().kernels(.fp32, cache: CacheFolder(path: folder)),
      tuning: Tuning(cache: CacheFolder(path: folder)) { progress in
        switch progress {
        case .timing: count.timed.add(1, ordering: .relaxed)
        case .finished: count.finished.add(1, ordering: .relaxed)
        }
      })
  }

  @Test func choicesAreKeptAndBrokenFilesAreNotUsed() throws {
    let folder = try TemporaryFolder()
    let count = Count()
    let choices = try Self.plan(folder.path(""), count).steps.map(\.choice?.algorithm)
    #expect(count.timed.load(ordering: .relaxed) == 2)
    #expect(count.finished.load(ordering: .relaxed) == 1)

    #expect(try Self.plan(folder.path(""), count).steps.map(\.choice?.algorithm) == choices)
    #expect(count.timed.load(ordering: .relaxed) == 2)

    // Whatever is in the files: kernels that are not whole are compiled anew, timings are taken
    // anew.
    let files = try #require(FileManager.default.enumerator(atPath: folder.path("")))
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".cubin") || $0.hasPrefix("tuning/") }
    #expect(files.count == 3, "\(files)")
    for (turn, content) in ["", "\u{7F}ELF nonsense", "\u{0}\u{FFFD}\n\n\n\n"].enumerated() {
      for file in files { try Data(content.utf8).write(to: URL(filePath: folder.path(file))) }
      _ = try Self.plan(folder.path(""), count)
      #expect(count.timed.load(ordering: .relaxed) == 2 * (turn + 2))
    }
  }
}
