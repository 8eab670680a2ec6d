import DLAHub
import DLAModels
import Foundation
import Testing
import _DLATestSupport

/// `dla pull` by the real binary, from a local server.
struct PullCommandTests {
  /// dla46x_c with ten classes: 3.3 MB.
  private let bytes: [UInt8]

  init() throws {
    let folder = try TemporaryFolder()
    try writeSyntheticWeights("dla46x_c", classes: 10, to: folder.path("weights"))
    bytes = try Array(Data(contentsOf: URL(filePath: folder.path("weights"))))
  }

  /// An environment in which only the server is reachable: the proxy for other hosts does not exist.
  static func environment(_ server: HTTPServer, token: String = "") -> [String: String] {
    [
      "HF_ENDPOINT": server.url(""), "HF_TOKEN": token, "no_proxy": "127.0.0.1,localhost",
      "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
    ]
  }

  @Test func thePathIsPrintedAndNoServerIsNeededAfterwards() throws {
    let server = try HTTPServer { [bytes] in .file(bytes, $0) }
    let folder = try TemporaryFolder()
    let environment = Self.environment(server, token: "hf_secret")
    let first = try ToolRun("pull", "DLA46X-C", cache: folder.url.path, environment: environment)
    let path = folder.path("weights/dla46x_c.timm.safetensors")
    #expect(first.status == 0 && first.errors.isEmpty && first.output == "\(path)\n")
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == bytes)
    #expect(server.requests.map(\.path) == ["/timm/dla46x_c.in1k/resolve/main/model.safetensors"])
    #expect(server.requests[0].headers["authorization"] == "Bearer hf_secret")
    server.stop()
    let second = try ToolRun(
      "pull", "dla46x_c", "--json", cache: folder.url.path, environment: environment)
    let row = try #require(try second.jsonLines().first)
    #expect(second.status == 0 && row["path"] as? String == path)
    #expect(row["kept"] as? Bool == true && row["publisher"] as? String == "timm")
    let list = try ToolRun("pull", cache: folder.url.path)
    #expect(list.output.contains("dla46x_c.timm.safetensors") && list.output.contains("3.3 MB"))
    let rows = try #require(
      try ToolRun("pull", "--list", "--json", cache: folder.url.path).json() as? [[String: Any]])
    #expect(rows.count == 12)
    #expect(rows.filter { ($0["files"] as? [Any])?.count == 1 }.count == 1)
    #expect(try ToolRun("pull").output.contains("There is no cache folder"))
  }

  @Test func aModelsNameFindsDownloadedWeights() throws {
    let server = try HTTPServer { [bytes] in .file(bytes, $0) }
    let folder = try TemporaryFolder()
    let image = "\(images)/cat.jpg"
    let before = try ToolRun("classify", "--model", "dla46x_c", image, cache: folder.url.path)
    #expect(before.status == 64 && before.errors.contains("dla pull dla46x_c"))
    #expect(
      try ToolRun(
        "pull", "dla46x_c", cache: folder.url.path, environment: Self.environment(server)
      ).status == 0)
    for command in [["classify", image], ["info"], ["convert", "-", folder.path("a.onnx")]] {
      let words = command.filter { $0 != "-" }
      let run = try ToolRun(words + ["--model", "dla46x_c"], cache: folder.url.path)
      #expect(run.status == 0, "\(command): \(run.errors)")
      #expect(!run.output.contains("built-in"))
    }
  }

  /// Weights that huggingface_hub fetched serve all commands.
  @Test func theCacheOfTheHubsClientIsUsed() throws {
    let folder = try TemporaryFolder()
    let repository = folder.path("hub/models--timm--dla46x_c.in1k")
    for name in ["refs", "snapshots/12ab"] {
      try FileManager.default.createDirectory(
        atPath: "\(repository)/\(name)", withIntermediateDirectories: true)
    }
    let path = "\(repository)/snapshots/12ab/model.safetensors"
    try Data(bytes).write(to: URL(filePath: path))
    try Data("12ab".utf8).write(to: URL(filePath: "\(repository)/refs/main"))
    let environment = ["HF_HUB_CACHE": folder.path("hub"), "HF_HUB_OFFLINE": "1"]
    let pull = try ToolRun(
      "pull", "dla46x_c", cache: folder.path("own"), environment: environment)
    #expect(pull.status == 0 && pull.output == "\(path)\n")
    let words = ["classify", "--model", "dla46x_c", "\(images)/cat.jpg"]
    #expect(try ToolRun(words, environment: environment).status == 0)
    let other = try ToolRun("pull", "dla34", cache: folder.path("own"), environment: environment)
    #expect(other.status == 1 && other.errors.contains("HF_HUB_OFFLINE forbids the download"))
  }

  @Test func aRepositoryBecomesAFolder() throws {
    let configuration = try Array(
      Data(contentsOf: Fixtures.folder.appending(path: "hub/config.json")))
    let server = try HTTPServer { [bytes] request in
      switch request.path {
      case "/me/birds/resolve/v2/config.json": .file(configuration, request)
      case "/me/birds/resolve/v2/pytorch_model.bin": .file(bytes, request)
      default: [.send(Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8))]
      }
    }
    let folder = try TemporaryFolder()
    let environment = Self.environment(server)
    let words = ["pull", "hf-hub:me/birds@v2"]
    let first = try ToolRun(words, cache: folder.url.path, environment: environment)
    let path = folder.path("weights/me--birds@v2")
    #expect(first.status == 0 && first.output == "\(path)\n", "\(first.errors)")
    #expect(first.errors.contains("trying the next file"))
    let info = try ToolRun("info", "--weights", path)
    #expect(info.status == 0 && info.output.contains("bicubic"))
    let list = try ToolRun("pull", cache: folder.url.path)
    #expect(list.output.contains("me/birds@v2"))
    server.stop()
    let second = try ToolRun(words + ["--json"], cache: folder.url.path, environment: environment)
    let row = try #require(try second.jsonLines().first)
    #expect(row["path"] as? String == path && row["kept"] as? Bool == true)

    let missing = try ToolRun("pull", "me/none", cache: folder.url.path, environment: environment)
    #expect(missing.status == 1)
    for name in ["me/../x", "me/x/y", "/x", "me/x@", "me/a b"] {
      let wrong = try ToolRun("pull", name, cache: folder.url.path, environment: environment)
      #expect(wrong.status == 64 && wrong.errors.contains("is no repository"), "\(name)")
    }
  }

  @Test func theWeightsOfAnotherNetworkAreRefused() throws {
    let server = try HTTPServer { [bytes] in .file(bytes, $0) }
    let folder = try TemporaryFolder()
    let run = try ToolRun(
      "pull", "dla34", "--source", "hub", cache: folder.url.path,
      environment: Self.environment(server))
    #expect(run.status == 1 && run.errorLines.count == 1)
    #expect(run.errors.contains("these are the weights of dla46x_c, not of dla34"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("weights")).isEmpty)
  }

  @Test func everyNetworkWasPublished() throws {
    for variant in Variant.all {
      let sources = try PublishedWeights.sources(of: variant.name) { _ in nil }
      #expect(sources.first?.publisher == .timm)
      // PaddleClas publishes accuracies of those networks whose weights it publishes.
      #expect(sources.contains { $0.publisher == .paddle } == (variant.paddleAccuracy != nil))
    }
  }

  @Test func ofTwoProcessesOneFetches() throws {
    let server = try HTTPServer { [bytes] in [.stall(0.5)] + .file(bytes, $0) }
    let folder = try TemporaryFolder()
    let processes = try (0..<2).map { _ in try Self.start(server, folder) }
    let runs = try processes.map { try $0.wait() }
    #expect(runs.map(\.status) == [0, 0] && server.requests.count == 1)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("weights"))
    #expect(files == ["dla46x_c.timm.safetensors"])
  }

  /// Starts `dla pull dla46x_c`.
  private static func start(
    _ server: HTTPServer, _ folder: TemporaryFolder, errors: FileHandle? = nil
  ) throws -> ToolProcess {
    try ToolProcess(
      ["pull", "dla46x_c"], errors: errors, cache: folder.url.path,
      environment: environment(server))
  }

  @Test func anInterruptedDownloadResumes() throws {
    let server = try HTTPServer { [bytes] request in
      request.rangeStart == nil
        ? .file(bytes, request, until: 100_000) + [.stall(30)] : .file(bytes, request)
    }
    let folder = try TemporaryFolder()
    let process = try Self.start(server, folder)
    let part = URL(filePath: folder.path("weights/dla46x_c.timm.safetensors.part"))
    try process.wait { ((try? Data(contentsOf: part))?.count ?? 0) >= 100_000 }
    #expect(try process.end(by: SIGINT).isSignalled)
    let run = try ToolRun(
      "pull", "dla46x_c", cache: folder.url.path, environment: Self.environment(server))
    #expect(run.status == 0)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000])
    #expect(
      try Array(Data(contentsOf: URL(filePath: folder.path("weights/dla46x_c.timm.safetensors"))))
        == bytes)
  }

  /// No hub, no PaddleClas, and a parked domain instead of the original release, all through a proxy.
  ///
  /// The token is sent in the request for the hub only.
  @Test func everySourceThatFailsIsNamed() throws {
    let page = Array("<!doctype html><html><title>yf.io is for sale</title></html>".utf8)
    let proxy = try HTTPServer { request in
      if request.method == "CONNECT" { return .answer("403 Forbidden") }
      return request.path.contains("yf.io")
        ? .answer("200 OK", ["Content-Type: text/html"], page) : .answer("404 Not Found")
    }
    let folder = try TemporaryFolder()
    let run = try ToolRun(
      "pull", "dla34", "--json", cache: folder.url.path,
      environment: [
        "HF_ENDPOINT": "http://hub.invalid", "HF_TOKEN": "hf_secret", "no_proxy": "",
        "http_proxy": proxy.url(""), "https_proxy": proxy.url(""),
      ])
    #expect(run.status == 1)
    #expect(run.errorLines.count == 3)
    #expect(run.errorLines[0].contains("dla34 from timm: http://hub.invalid/timm/"))
    #expect(run.errorLines[0].contains("HTTP 404"))
    #expect(run.errorLines[1].contains("dla34 from paddle: https://paddle-imagenet"))
    #expect(run.errorLines[2].contains("an HTML page titled \"yf.io is for sale\""))
    #expect(try run.jsonLines().first?["error"] as? String != nil)
    let told = proxy.requests.filter { $0.headers["authorization"] != nil }
    #expect(told.map(\.path).allSatisfy { $0.hasPrefix("http://hub.invalid/") })
    #expect(told.count == 1)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("weights"))
    #expect(files.isEmpty)
  }

  @Test func anyAddressGoesToAnyFile() throws {
    let server = try HTTPServer { [bytes] request in
      request.path == "/ours.safetensors" ? .file(bytes, request) : .answer("200 OK", [], [1, 2])
    }
    let folder = try TemporaryFolder()
    let output = folder.path("mine.safetensors")
    let environment = Self.environment(server)
    func pull(_ path: String, _ more: String...) throws -> ToolRun {
      try ToolRun(
        ["pull", "dla46x_c", "--url", server.url(path), "--output", output] + more,
        environment: environment)
    }
    let wrong = try pull("/other")
    #expect(wrong.status == 1 && wrong.errors.contains("not a checkpoint"))
    #expect(try pull("/ours.safetensors", "--sha256", "00000000").status == 1)
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try pull("/ours.safetensors").output == "\(output)\n")
    let again = try pull("/ours.safetensors")
    #expect(again.status == 1 && again.errors.contains("--force"))
    #expect(try pull("/ours.safetensors", "--force").status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
  }

  @Test func aFullDiskKeepsThePartFile() throws {
    let server = try HTTPServer { [bytes] in .file(bytes, $0) }
    let folder = try TemporaryFolder()
    // A limit of 64 blocks, of 512 or 1024 bytes, simulates a full disk.
    let full = try ToolProcess(
      ["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" pull dla46x_c", ToolRun.binary.path],
      executable: URL(filePath: "/bin/sh"), cache: folder.url.path,
      environment: Self.environment(server)
    ).wait()
    #expect(!full.isSignalled && full.status == 1)
    #expect(full.errors.contains(".part: cannot be written") && server.requests.count == 1)
    let run = try ToolRun(
      "pull", "dla46x_c", cache: folder.url.path, environment: Self.environment(server))
    #expect(run.status == 0)
    #expect([32_768, 65_536].contains(server.requests.last?.rangeStart))
  }

  @Test func aTerminalShowsProgress() throws {
    let server = try HTTPServer { [bytes] request in
      let actions = [HTTPServer.Action].file(bytes, request, until: 150_000)
      return actions + [.stall(0.3), .send(Array(bytes[150_000...]))]
    }
    let folder = try TemporaryFolder()
    let (primary, secondary) = try Self.terminal()
    let process = try Self.start(
      server, folder, errors: FileHandle(fileDescriptor: secondary, closeOnDealloc: true))
    #expect(try process.wait().status == 0)
    var shown = [UInt8](repeating: 0, count: 65_536)
    let count = read(primary, &shown, shown.count)
    close(primary)
    let text = String(decoding: shown.prefix(max(0, count)), as: UTF8.self)
    #expect(text.contains("dla46x_c from timm  ["))
    #expect(text.contains(" of 3.3 MB"))
    #expect(text.hasSuffix("\r\u{1B}[K"))
  }

  /// Both ends of a pseudo-terminal; the declaration of openpty needs a macro that Swift does not set.
  private static func terminal() throws -> (primary: Int32, secondary: Int32) {
    typealias OpenTerminal =
      @convention(c) (
        UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutableRawPointer?,
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
      ) -> Int32
    let address = try #require(dlsym(dlopen(nil, RTLD_NOW), "openpty"))
    var (primary, secondary) = (Int32(-1), Int32(-1))
    let status = unsafeBitCast(address, to: OpenTerminal.self)(&primary, &secondary, nil, nil, nil)
    try #require(status == 0)
    return (primary, secondary)
  }
}
