import DLAHub
import Foundation
import Testing
import _DLATestSupport

/// The order of sources, kept files, and processes that wait for each other.
struct FetcherTests {
  @Test func aFileArrivesUnderItsNameAndNothingElseStays() throws {
    let bytes = weights()
    let server = try HTTPServer { .file(bytes, $0) }
    let fetching = try Fetching()
    let result = try fetching.fetch([server.source("/some/Weights.PTH?download=1")])
    #expect(try contents(result.path) == bytes)
    #expect(!result.wasKept && result.publisher == .url)
    let name = try #require(fetching.files.first)
    #expect(fetching.files.count == 1)
    #expect(name.hasPrefix("dla34.url-") && name.hasSuffix(".pth"))
    #expect(fetching.store.file(for: "dla34") == result.path)
    #expect(fetching.store.file(for: "dla3") == nil && fetching.store.file(for: "dla60") == nil)
  }

  @Test func whatIsKeptNeedsNoServer() throws {
    let fetching = try Fetching()
    let server = try HTTPServer { .file(weights(), $0) }
    let source = try server.source()
    let first = try fetching.fetch([source])
    server.stop()
    let second = try fetching.fetch([source])
    #expect(second.wasKept && second.path == first.path)
    // Removing it by hand is all it takes to have it fetched again.
    try FileManager.default.removeItem(atPath: first.path)
    #expect(try fetching.failure([source]).code == .connection)
  }

  @Test func anotherAddressIsAnotherFile() throws {
    let server = try HTTPServer { .file(weights(1000, seed: $0.path == "/a.pth" ? 1 : 2), $0) }
    let fetching = try Fetching()
    let first = try fetching.fetch([server.source("/a.pth")])
    let second = try fetching.fetch([server.source("/b.pth")])
    #expect(first.path != second.path && !second.wasKept)
    #expect(try contents(second.path) == weights(1000, seed: 2))
  }

  @Test func aKeptFileThatIsBrokenIsFetchedAgain() throws {
    let server = try HTTPServer { .file(weights(), $0) }
    let fetching = try Fetching()
    let path = try fetching.fetch([server.source()]).path
    try Data("damaged".utf8).write(to: URL(filePath: path))
    #expect(try !fetching.fetch([server.source()]).wasKept)
    #expect(try contents(path) == weights())
    var source = try server.source()
    source.hash = ExpectedHash("0123456789")
    #expect(try fetching.failure([source]).code == .otherContent)
    #expect(server.requests.count == 3)
  }

  @Test func forceFetchesAgain() throws {
    let server = try HTTPServer { .file(weights(), $0) }
    let fetching = try Fetching()
    try fetching.fetch([server.source()])
    fetching.isForced = true
    #expect(try !fetching.fetch([server.source()]).wasKept)
    #expect(server.requests.count == 2 && fetching.files.count == 1)
  }

  /// The story of the original release's host.
  @Test func aWebPageIsNamedAndTheNextSourceTried() throws {
    let server = try HTTPServer { request in
      request.path == "/gone"
        ? .answer("200 OK", ["Content-Type: text/html"], page)
        : .file(weights(), request)
    }
    let fetching = try Fetching()
    var gone = try server.source("/gone")
    gone.hash = ExpectedHash("ba72cf86")
    try fetching.fetch([gone, server.source()])
    let failure = try #require(fetching.failures.first)
    #expect(failure.contains("an HTML page titled \"Domain for sale\" (5"))
    #expect(fetching.files.count == 1)
  }

  @Test func theLastSourcesErrorIsThrown() throws {
    let server = try HTTPServer { _ in .answer("404 Not Found", [], page) }
    let fetching = try Fetching()
    let error = try fetching.failure([server.source("/a"), server.source("/b")])
    #expect(error.code == .refused)
    #expect(error.message.contains("/b: HTTP 404"))
    #expect(fetching.failures.count == 1 && fetching.files.isEmpty)
    #expect(server.requests.count == 2)
  }

  @Test func aGivenFileIsNotReplacedUnlessForced() throws {
    let server = try HTTPServer { .file(weights(), $0) }
    let fetching = try Fetching()
    let path = fetching.folder.path("mine.pth")
    let others = ["mine.pth.part", "mine.pth.lock"].map(fetching.folder.path)
    for other in others { try Data("mine".utf8).write(to: URL(filePath: other)) }
    #expect(try fetching.fetch([server.source()], to: path).path == path)
    #expect(try fetching.failure([server.source()], to: path).code == .exists)
    #expect(server.requests.count == 1)
    fetching.isForced = true
    try fetching.fetch([server.source()], to: path)
    #expect(try contents(path) == weights())
    for other in others { #expect(try contents(other) == Array("mine".utf8)) }
    let names = try FileManager.default.contentsOfDirectory(atPath: fetching.folder.url.path)
    #expect(names.count == 3)
    let folder = fetching.folder.url.path
    #expect(try fetching.failure([server.source()], to: folder).code == .file)
    #expect(try fetching.failure([server.source()], to: folder + "/no/file").code == .file)
    #expect(server.requests.count == 2)
  }

  @Test func oneOfManyThreadsFetchesAndTheOthersWait() throws {
    let server = try HTTPServer { request in [.stall(0.3)] + .file(weights(), request) }
    let folder = try TemporaryFolder()
    let fetchings = try (0..<3).map { _ in try Fetching(folder: folder) }
    let source = try server.source()
    let fetched = Counter()
    // Threads, since tasks may run one after another.
    let group = DispatchGroup()
    for fetching in fetchings {
      group.enter()
      Thread.detachNewThread {
        if let result = try? fetching.fetch([source]), !result.wasKept { _ = fetched.next() }
        group.leave()
      }
    }
    group.wait()
    #expect(server.requests.count == 1 && fetched.next() == 1)
    let waits = fetchings.map { $0.events.filter { if case .waiting = $0 { true } else { false } } }
    #expect(waits.map(\.count).sorted() == [0, 1, 1])
    #expect(fetchings[0].files.count == 1)
  }

  @Test func theStorePrefersPublishersAndThenNewFiles() throws {
    let fetching = try Fetching()
    try FileManager.default.createDirectory(
      atPath: fetching.store.folder, withIntermediateDirectories: true)
    func put(_ name: String, age: Double = 0, bytes: Int = 3) throws {
      let path = "\(fetching.store.folder)/\(name)"
      try Data(count: bytes).write(to: URL(filePath: path))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
    }
    func name() -> String? {
      fetching.store.file(for: "dla60").map { URL(filePath: $0).lastPathComponent }
    }
    for other in [
      "dla60x.timm.safetensors", "dla60.timm.safetensors.part", "dla60.timm.safetensors.part.info",
      "dla60.lock", "dla60.timmy.pth", "dla60_c.url-1.pth",
    ] { try put(other) }
    try put("dla60.timm.safetensors", bytes: 0)
    #expect(name() == nil)
    try put("dla60.url-12.pth", age: 100)
    #expect(name() == "dla60.url-12.pth")
    try put("dla60.url-34.pth", age: 50)
    #expect(name() == "dla60.url-34.pth")
    try put("dla60.original.pth", age: 200)
    #expect(name() == "dla60.original.pth")
    try put("dla60.timm.safetensors", age: 300)
    #expect(name() == "dla60.timm.safetensors")
    #expect(fetching.store.entries(of: "dla60").map(\.publisher) == [.timm, .original, .url, .url])
  }
}
