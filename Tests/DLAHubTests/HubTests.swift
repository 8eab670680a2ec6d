import DLAHub
import Foundation
import Testing
import _DLATestSupport

/// The conventions of the Hugging Face hub, and the hosts that receive the token.
struct HubTests {
  private static let bytes = weights()

  /// A hub that redirects to another host, like the real one.
  private func hub(
    _ headers: [String], token: String? = nil,
    storage: @escaping HTTPServer.Script = { .file(bytes, $0) }
  ) throws -> (hub: HTTPServer, storage: HTTPServer, source: WeightsSource) {
    let storage = try HTTPServer(storage)
    let address = storage.url("/blob?signature=1", host: "localhost")
    let hub = try HTTPServer { _ in .redirect(to: address, headers) }
    return (hub, storage, try hub.hub(token: token))
  }

  private var linked: [String] {
    [
      "X-Linked-Size: \(Self.bytes.count)", "X-Linked-ETag: \"\(sha256(Self.bytes))\"",
      "ETag: \"\(String(repeating: "0", count: 64))\"",
    ]
  }

  @Test func theFileIsCheckedAgainstWhatTheHubSays() throws {
    let (hub, storage, source) = try hub(linked)
    let path = try Fetching().fetch([source]).path
    #expect(try #require(path.split(separator: "/").last) == "dla34.timm.safetensors")
    #expect(hub.requests.map(\.path) == ["/timm/dla34.in1k/resolve/main/model.safetensors"])
    #expect(hub.requests[0].headers["user-agent"]?.hasPrefix("dla/") == true)
    #expect(hub.requests[0].headers["accept-encoding"] == "identity")
    #expect(storage.requests.map(\.path) == ["/blob?signature=1"])
    #expect(storage.requests[0].headers["host"] == "localhost:\(storage.port)")
  }

  @Test func theTokenIsSentToTheHubOnly() throws {
    let (hub, storage, source) = try hub(linked, token: " hf_secret\n")
    try Fetching().fetch([source])
    #expect(hub.requests.map { $0.headers["authorization"] } == ["Bearer hf_secret"])
    #expect(storage.requests.count == 1)
    #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  /// Another port is another origin; a redirect back to the hub receives the token again.
  @Test func theTokenIsSentAgainAfterARedirectBack() throws {
    let target = Shared("")
    let hub = try HTTPServer { request in
      request.path == "/home" ? .file(Self.bytes, request) : .redirect(to: target.value)
    }
    let other = try HTTPServer { [port = hub.port] _ in
      .redirect(to: "http://127.0.0.1:\(port)/home")
    }
    target.value = other.url("/away")
    try Fetching().fetch([hub.hub(token: "hf_secret")])
    let told = hub.requests.map { $0.headers["authorization"] }
    #expect(told == ["Bearer hf_secret", "Bearer hf_secret"])
    #expect(other.requests.map { $0.headers["authorization"] } == [nil])
  }

  @Test func wrongBytesAreNoticed() throws {
    let (_, _, source) = try hub(linked) { .file(weights(seed: 5), $0) }
    let fetching = try Fetching()
    let error = try fetching.failure([source])
    #expect(error.code == .otherContent && error.message.contains(sha256(Self.bytes)))
    #expect(fetching.files.isEmpty)
  }

  @Test(arguments: [100_000, 400_000])
  func aLengthOtherThanTheHubsIsAnError(count: Int) throws {
    let (_, _, source) = try hub(linked) { .file(weights(count), $0) }
    #expect(try Fetching().failure([source]).code == .otherContent)
    let (_, _, sizeOnly) = try hub([linked[0]]) { .file(weights(count), $0) }
    #expect(try Fetching().failure([sizeOnly]).code == .otherContent)
    let (_, _, chunked) = try hub(linked) { _ in .chunked(weights(count)) }
    let fetching = try Fetching()
    fetching.limits.brokenConnections = 1
    _ = try fetching.failure([chunked])
    #expect(fetching.store.file(for: "dla34") == nil)
  }

  @Test func headersOfTheStorageAreIgnored() throws {
    let headers = [
      "X-Repo-Commit: 12", "X-Linked-ETag: \"\(String(repeating: "0", count: 64))\"",
      "X-Linked-Size: 7",
    ]
    let (_, _, source) = try hub(linked) { _ in .answer("200 OK", headers, Self.bytes) }
    try Fetching().fetch([source])
  }

  @Test func aWebPageInsteadOfTheFileIsNamed() throws {
    for answer in [
      [HTTPServer.Action].answer("200 OK", ["Content-Type: text/html"], page), .chunked(page),
    ] {
      let (_, _, source) = try hub(linked) { _ in answer }
      #expect(try Fetching().failure([source]).message.contains("an HTML page"))
    }
  }

  @Test func aLargeOtherLengthIsRefusedAtOnce() throws {
    let (_, _, source) = try hub(linked) { _ in
      .lines("HTTP/1.1 200 OK", "Content-Length: 100000000") + [.send(weights(1000)), .stall(20)]
    }
    #expect(try Fetching().failure([source]).code == .otherContent)
    let (_, _, huge) = try hub(["X-Linked-Size: 5000000000"])
    #expect(try Fetching().failure([huge]).code == .tooLarge)
  }

  @Test(arguments: [
    "X-Linked-ETag: \"abc\"", "X-Linked-ETag: W/\"12\"", "X-Linked-Size: many", "A: b",
  ])
  func invalidHeadersAreIgnored(header: String) throws {
    let (_, _, source) = try hub([header])
    let fetching = try Fetching()
    #expect(try contents(fetching.fetch([source]).path) == Self.bytes)
  }

  /// Small files come from the hub itself; only its own ETag is a SHA-256.
  @Test func aDirectResponseOfTheHubIsCheckedToo() throws {
    let wrong = "\"\(String(repeating: "0", count: 64))\""
    let other = try HTTPServer { .file(Self.bytes, $0, tag: wrong) }
    try Fetching().fetch([other.hub()])
    let hub = try HTTPServer { _ in
      .answer("200 OK", ["X-Repo-Commit: 12", "ETag: \(wrong)"], Self.bytes)
    }
    #expect(try Fetching().failure([hub.hub()]).code == .otherContent)
  }

  @Test func whatIsResumedIsTheFileOfTheSameHash() throws {
    let new = weights(seed: 8)
    let isNew = Shared(false)
    let storage = try HTTPServer { request in
      isNew.value ? .file(new, request, tag: "\"new\"") : .file(Self.bytes, request, until: 50_000)
    }
    let address = storage.url("/blob", host: "localhost")
    let linked = linked
    let hub = try HTTPServer { _ in
      .redirect(to: address, isNew.value ? ["X-Linked-ETag: \"\(sha256(new))\""] : linked)
    }
    let fetching = try Fetching()
    fetching.limits.attempts = 1
    #expect(try fetching.failure([hub.hub()]).code == .connection)
    isNew.value = true
    #expect(try contents(fetching.fetch([hub.hub()]).path) == new)
    #expect(storage.requests.map(\.rangeStart) == [nil, nil])
  }

  @Test func refusalsSayWhatToDo() throws {
    let hub = try HTTPServer { _ in .answer("401 Unauthorized") }
    #expect(try Fetching().failure([hub.hub()]).message.contains("HF_TOKEN"))
    #expect(try !Fetching().failure([hub.source()]).message.contains("HF_TOKEN"))
    #expect(hub.requests.count == 2)
  }

  @Test func everyNetworkHasSources() throws {
    let sources = try PublishedWeights.sources(of: "dla46_c") { _ in nil }
    #expect(
      sources.map(\.address.text) == [
        "https://huggingface.co/timm/dla46_c.in1k/resolve/main/model.safetensors",
        "https://paddle-imagenet-models-name.bj.bcebos.com/dygraph/DLA46_c_pretrained.pdparams",
        "http://dl.yf.io/dla/models/imagenet/dla46_c-2bfd52c3.pth",
      ])
    #expect(sources.map(\.suffix) == [".safetensors", ".pdparams", ".pth"])
    #expect(sources.map(\.hash?.digits) == [nil, nil, "2bfd52c3"])
    #expect(try PublishedWeights.sources(of: "dla60_res2next") { _ in nil }.count == 1)
    #expect(try PublishedWeights.sources(of: "resnet50") { _ in nil }.isEmpty)
  }

  @Test func wrongVariablesAreNamed() throws {
    for (name, value) in [("HF_ENDPOINT", "hub.example"), ("HF_TOKEN", "two words")] {
      let error = #expect(throws: HubError.self) {
        try PublishedWeights.sources(of: "dla34") { $0 == name ? value : nil }
      }
      #expect(error?.message.contains(name) == true)
    }
    let error = #expect(throws: HubError.self) {
      try PublishedWeights.sources(of: "dla34") { $0 == "HF_TOKEN" ? "hf_se\u{7}cret" : nil }
    }
    #expect(error?.message.contains("cret") == false)
  }

  @Test func withoutLibcurlTheErrorSaysWhatToInstall() throws {
    let error = #expect(throws: HubError.self) { try CurlLibrary.load(["libnone.so.9"]).get() }
    #expect(error?.code == .noLibrary)
    #expect(error?.message.contains("libcurl4") == true)
  }
}
