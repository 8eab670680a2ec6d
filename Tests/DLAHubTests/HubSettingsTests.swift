import DLAHub
import Foundation
import Testing
import _DLATestSupport

/// The variables and the cache of `huggingface_hub`.
struct HubSettingsTests {
  private let home: TemporaryFolder
  private let bytes = weights(5000)

  init() throws { home = try TemporaryFolder() }

  /// Stores a file as `huggingface_hub` does: a blob that a snapshot links to.
  @discardableResult
  private func store(
    _ name: String = "model.safetensors", in cache: String, head: String = "0123abcd\n",
    blob: [UInt8]? = nil
  ) throws -> String {
    let repository = home.path("\(cache)/models--timm--dla34.in1k")
    let snapshot = "\(repository)/snapshots/0123abcd"
    for folder in ["\(repository)/refs", "\(repository)/blobs", snapshot] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try Data(head.utf8).write(to: URL(filePath: "\(repository)/refs/main"))
    try Data(blob ?? bytes).write(to: URL(filePath: "\(repository)/blobs/\(name)"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(snapshot)/\(name)", withDestinationPath: "../../blobs/\(name)")
    return "\(snapshot)/\(name)"
  }

  private func sources(_ variables: [String: String]) throws -> [WeightsSource] {
    try PublishedWeights.sources(of: "dla34") { variables[$0] }
  }

  /// A server that counts the requests, and its variables.
  private func hub(_ variables: [String: String]) throws -> (HTTPServer, [String: String]) {
    let server = try HTTPServer { [bytes] in .file(bytes, $0) }
    return (server, variables.merging(["HF_ENDPOINT": server.url("/")]) { $1 })
  }

  @Test(
    arguments: [
      (["HOME": "HERE"], "HERE/.cache/huggingface/hub"),
      (["HOME": "HERE", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
      (["HOME": "HERE", "XDG_CACHE_HOME": "/x", "HF_HOME": "~/h"], "HERE/h/hub"),
      (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
      (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
      (["HOME": "HERE", "HF_HUB_CACHE": "", "HF_HOME": " "], "HERE/.cache/huggingface/hub"),
      (["HF_HUB_CACHE": "~"], "~"), ([:], nil),
    ] as [([String: String], String?)])
  func theFolderOfTheCacheIsFound(variables: [String: String], folder: String?) {
    #expect(HubSettings { variables[$0] }.cache == folder)
  }

  @Test func cachedWeightsNeedNoServer() throws {
    let path = try store(in: "hub")
    let (server, variables) = try hub(["HF_HOME": home.url.path, "HF_HUB_OFFLINE": "1"])
    #expect(HubSettings { variables[$0] }.cachedFile(of: "dla34") == path)
    #expect(HubSettings { variables[$0] }.cachedFile(of: "dla60") == nil)
    let result = try Fetching().fetch(sources(variables))
    #expect(result.path == path && result.wasKept && result.publisher == .timm)
    #expect(server.requests.isEmpty)
  }

  @Test func aRepositoryIsFoundByBranchAndCommit() throws {
    let path = try store(in: "c")
    let settings = HubSettings { $0 == "HF_HUB_CACHE" ? home.path("c") : nil }
    for name in ["timm/dla34.in1k", "hf-hub:timm/dla34.in1k@main", "timm/dla34.in1k@0123abcd"] {
      #expect(settings.cachedFile(of: try HubRepository(name)) == path)
    }
    for name in ["timm/dla34.in1k@v1", "timm/dla60.in1k"] {
      #expect(settings.cachedFile(of: try HubRepository(name)) == nil)
    }
  }

  @Test func safetensorsPrecedePickles() throws {
    let settings = HubSettings { $0 == "HF_HUB_CACHE" ? home.path("c") : nil }
    let pickle = try store("pytorch_model.bin", in: "c")
    #expect(settings.cachedFile(of: "dla34") == pickle)
    let path = try store(in: "c")
    #expect(settings.cachedFile(of: "dla34") == path)
  }

  /// Another commit, a path instead of one, and an interrupted or wrong file: all are fetched.
  @Test(arguments: ["4567", "../snapshots/0123abcd", "", "0123abcd"])
  func unusableCachesAreIgnored(head: String) throws {
    try store(in: "c", head: head, blob: head == "0123abcd" ? Array("other".utf8) : nil)
    let (server, variables) = try hub(["HF_HUB_CACHE": home.path("c")])
    let fetching = try Fetching()
    let result = try fetching.fetch([sources(variables)[0]])
    #expect(!result.wasKept && server.requests.count == 1)
    #expect(try contents(result.path) == bytes)
  }

  @Test func aForcedDownloadIgnoresTheCache() throws {
    try store(in: "c")
    let (server, variables) = try hub(["HF_HUB_CACHE": home.path("c")])
    let fetching = try Fetching()
    fetching.isForced = true
    #expect(try !fetching.fetch(sources(variables)).wasKept && server.requests.count == 1)
  }

  @Test(arguments: ["1", "on", "Yes", "TRUE"], ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
  func offlineNothingIsRequested(value: String, name: String) throws {
    let (server, variables) = try hub([name: value])
    let fetching = try Fetching()
    let error = try fetching.failure(sources(variables))
    #expect(error.code == .offline && error.message.contains("HF_HUB_OFFLINE"))
    // The other publishers are not asked either.
    #expect(server.requests.isEmpty && fetching.failures.isEmpty)
  }

  @Test(arguments: ["0", "no", ""])
  func otherValuesAllowRequests(value: String) throws {
    let (server, variables) = try hub(["HF_HUB_OFFLINE": value])
    try Fetching().fetch(sources(variables))
    #expect(server.requests.count == 1)
  }

  @Test func theTokenIsThatOfTheFileUnlessAVariableHasOne() throws {
    for (name, token) in [("token", " hf_home\n"), ("mine", "hf_mine"), ("empty", "\n")] {
      try Data(token.utf8).write(to: URL(filePath: home.path(name)))
    }
    let folder = ["HF_HOME": home.url.path]
    func token(_ variables: [String: String]) throws -> String? {
      try sources(variables.merging(folder) { a, _ in a })[0].token
    }
    #expect(try token([:]) == "hf_home")
    #expect(try token(["HF_TOKEN_PATH": home.path("mine")]) == "hf_mine")
    #expect(try token(["HF_TOKEN_PATH": home.path("empty")]) == nil)
    #expect(try token(["HF_TOKEN_PATH": home.path("none")]) == nil)
    #expect(try token(["HF_TOKEN": "hf_variable"]) == "hf_variable")
    #expect(try token(["HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": "hf_old"]) == "hf_old")
  }

  @Test func aFileThatHoldsNoTokenIsNamedButNotShown() throws {
    try Data("hf se cret".utf8).write(to: URL(filePath: home.path("token")))
    let error = #expect(throws: HubError.self) { try sources(["HF_HOME": home.url.path]) }
    #expect(error?.code == .unusableRequest)
    #expect(error?.message.contains(home.path("token")) == true)
    #expect(error?.message.contains("cret") == false)
    #expect(throws: HubError.self) { try sources(["HF_TOKEN_PATH": home.url.path]) }
  }
}
