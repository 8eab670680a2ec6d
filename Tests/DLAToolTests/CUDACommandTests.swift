import DLACheckpoints
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// `--device cuda` and `--precision`, on the simulated GPU.
struct CUDACommandTests {
  private static let cat = "\(images)/cat.jpg"

  private static func run(_ words: String..., settings: String = "") throws -> ToolRun {
    try ToolRun(words, environment: SimulatedGPU().environment(settings))
  }

  @Test(arguments: ["fp32", "tf32", "fp16", "bf16"])
  func predictionsEqualThoseOfTheCPU(precision: String) throws {
    let words = ["classify", "--json", "--top", "3", Self.cat]
    let expected = try ToolRun(words).jsonLines()
    let found = try Self.run(
      "classify", "--json", "--top", "3", Self.cat, "--device", "cuda", "--precision", precision,
      "--tune", "off")
    #expect(found.status == 0, "\(found.errors)")
    func predictions(_ lines: [[String: Any]]) throws -> [(index: Int, probability: Double)] {
      let rows = try #require(lines.first?["predictions"] as? [[String: Any]])
      return try rows.map {
        (try #require($0["index"] as? Int), try #require($0["probability"] as? Double))
      }
    }
    let (one, other) = (try predictions(expected), try predictions(found.jsonLines()))
    #expect(one.map(\.index) == other.map(\.index))
    for (one, other) in zip(one, other) {
      #expect(abs(one.probability - other.probability) < (precision == "fp32" ? 1e-5 : 2e-2))
    }
  }

  @Test func tensorsAndFeatureMapsEqualThoseOfTheCPU() throws {
    let folder = try TemporaryFolder()
    try writeSyntheticWeights("dla46x_c", classes: 10, to: folder.path("w.safetensors"))
    var random = KeyedRandom(key: "input")
    let input = Tensor(
      shape: [2, 3, 64, 32],
      elements: (0..<2 * 3 * 64 * 32).map { _ in Float(2 * random.nextUniform()) })
    try SafetensorsWriter.write([("input", input)], to: folder.path("x.safetensors"))
    let words = [
      "run", "--weights", folder.path("w.safetensors"), "--input", folder.path("x.safetensors"),
      "--features", "--output",
    ]
    let processor = try ToolRun(words + [folder.path("cpu.safetensors")])
    let gpu = try ToolRun(
      words + [folder.path("gpu.safetensors"), "--device", "CUDA:0", "--tune", "off"],
      environment: SimulatedGPU().environment())
    #expect(processor.status == 0 && gpu.status == 0, "\(processor.errors)\(gpu.errors)")
    let (one, other) = (
      try CheckpointFile(path: folder.path("cpu.safetensors")),
      try CheckpointFile(path: folder.path("gpu.safetensors"))
    )
    #expect(one.entries.map(\.name) == other.entries.map(\.name))
    for entry in one.entries {
      let (expected, found) = (
        try one.tensor(named: entry.name), try other.tensor(named: entry.name)
      )
      #expect(found.shape == expected.shape)
      #expect(relativeError(found.elements, expected.elements.map(Double.init)) < 1e-5)
    }
  }

  @Test func evaluationNamesTheDevice() throws {
    let folder = try TemporaryFolder()
    try "\(images)/cat.jpg 3\n\(images)/airplane.jpg 0\n".write(
      toFile: folder.path("list.txt"), atomically: true, encoding: .utf8)
    let run = try Self.run(
      "evaluate", "--data", folder.path("list.txt"), "--device", "cuda", "--precision", "fp16",
      "--tune", "off")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("cuda:0 (Simulated GPU), fp16\n"), "\(run.output)")
  }

  @Test func benchmarkAndPlanNameTheDevice() throws {
    let benchmark = try Self.run(
      "benchmark", "--device", "cuda", "--precision", "tf32", "--model", "dla46x_c",
      "--batch-size", "1", "--image-size", "32", "--seconds", "0", "--tune", "off", "--json")
    let row = try #require((benchmark.json() as? [[String: Any]])?.first)
    #expect(row["device"] as? String == "cuda:0 (Simulated GPU)")
    #expect(row["isa"] as? String == "sm_90")
    #expect(row["precision"] as? String == "tf32")
    #expect(row["runs"] as? Int == 5)

    let info = try Self.run(
      "info", "--device", "cuda", "--model", "dla46x_c", "--image-size", "32", "--profile",
      "--tune", "off")
    #expect(info.status == 0, "\(info.errors)")
    for text in [
      "Simulated GPU, compute capability 9.0", "NVRTC", "groups of 4", "whole run",
    ] {
      #expect(info.output.contains(text), "\(text) in \(info.output)")
    }
  }

  /// Further networks would fail as well.
  @Test func benchmarkStopsAfterALostDevice() throws {
    let run = try Self.run(
      "benchmark", "--device", "cuda", "--model", "dla46_c,dla46x_c", "--batch-size", "1,2",
      "--image-size", "32", "--seconds", "0", "--tune", "off", settings: "lost=20")
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1 && run.errors.contains("was lost"), "\(run.errors)")
  }

  @Test func nonFiniteOutputsAreReported() throws {
    let folder = try TemporaryFolder()
    try writeSyntheticWeights("dla46x_c", classes: 10, to: folder.path("w.safetensors"))
    // Beyond the range of fp16.
    let input = Tensor(
      shape: [1, 3, 32, 32], elements: [Float](repeating: 1e6, count: 3 * 32 * 32))
    try SafetensorsWriter.write([("input", input)], to: folder.path("x.safetensors"))
    let run = try Self.run(
      "run", "--weights", folder.path("w.safetensors"), "--input", folder.path("x.safetensors"),
      "--output", folder.path("y.safetensors"), "--device", "cuda", "--precision", "fp16",
      "--tune", "off")
    #expect(run.status == 1)
    #expect(
      run.errorLines == [
        "dla: logits: 10 of 10 elements are NaN or infinite; fp16 ends at 65504, use --precision "
          + "bf16 or fp32"
      ], "\(run.errors)")
  }

  @Test func infoReportsMissingDrivers() throws {
    let info = try ToolRun("info")
    #expect(info.status == 0)
    #expect(info.output.contains("CUDA driver") || info.output.contains("GPU "))
  }

  @Test func infoRefusesMissingDevices() throws {
    let run = try Self.run("info", "--device", "cuda:5")
    #expect(run.status == 1 && run.errors.contains("there is no device cuda:5"), "\(run.errors)")
    let old = try Self.run("info", settings: "capability=61")
    #expect(old.output.contains("; too old to be used"), "\(old.output)")
  }

  struct Failure: CustomTestStringConvertible, Sendable {
    let settings: String
    var words: [String] = []
    let message: String
    var testDescription: String { settings + words.joined(separator: " ") }
  }

  static let failures = [
    Failure(settings: "memory=4000000", message: "has no 5 MiB left for weights"),
    Failure(settings: "memory=6000000", message: "left for maps of 1 images"),
    Failure(
      settings: "driver=11040",
      message: "was found for this driver's CUDA 11.4, whose major version it must not exceed"),
    Failure(settings: "lost=20", message: "was lost (CUDA_ERROR_LAUNCH_FAILED"),
    Failure(settings: "driver=11020", message: "the driver supports CUDA 11.2, 11.4 or later"),
    Failure(
      settings: "oldest=91",
      message: "NVRTC 12.9 was found, which does not know compute capability 9.0"),
    Failure(settings: "devices=0", message: "the CUDA driver finds no device"),
    Failure(settings: "capability=61", message: "has compute capability 6.1, 7.0 or later"),
    Failure(
      settings: "", words: ["--device", "cuda:7"],
      message: "there is no device cuda:7; there is cuda:0"),
    Failure(
      settings: "capability=75", words: ["--precision", "tf32"], message: "has no tf32, which came"),
  ]

  @Test(arguments: failures)
  func failuresAreOneLine(failure: Failure) throws {
    let device = failure.words.contains("--device") ? [] : ["--device", "cuda"]
    let run = try ToolRun(
      ["classify", Self.cat, "--tune", "off"] + device + failure.words,
      environment: SimulatedGPU().environment(failure.settings))
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1, "\(run.errors)")
    #expect(run.errors.contains(failure.message), "\(run.errors)")
    #expect(!run.output.contains("cat"))
  }

  static let misuses: [([String], String)] = [
    (["--device", "gpu"], "--device is gpu; expected cpu, cuda or cuda:N"),
    (["--device", "cuda:-1"], "--device is cuda:-1"),
    (["--precision", "fp16"], "the CPU computes in fp32 only; use --device cuda"),
    (["--precision", "fp8"], "--precision is fp8; expected fp32, tf32, fp16, bf16"),
    (["--device", "cuda", "--isa", "portable"], "--isa applies to --device cpu"),
    (["--device", "cuda", "--threads", "1"], "--threads applies to --device cpu"),
  ]

  @Test(arguments: misuses)
  func wrongUsageIsReportedBeforeLibrariesAreLoaded(words: [String], message: String) throws {
    let run = try ToolRun(["classify", Self.cat] + words)
    #expect(run.status == 64)
    #expect(run.errorLines.count == 1 && run.errors.contains(message), "\(run.errors)")
  }
}
