import DLAHub
import Foundation
import Testing
import _DLATestSupport

/// Servers that send wrong data, wrong headers or bad redirects.
struct HostileServerTests {
  @Test(arguments: [
    (page, "an HTML page titled \"Domain for sale\""),
    (Array("\u{FEFF}  <html></html>".utf8), "an HTML page"),
    (Array("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>".utf8), "an XML document"),
    (Array("{\"error\": \"quota\"}".utf8), "JSON text"),
    (Array("version https://git-lfs.github.com/spec/v1\noid sha256:12".utf8), "a Git LFS pointer"),
    (Array("<title>\u{1B}[31m".utf8), "text with tags"),
    ([], "an empty file"),
    (Array("<!doctype html><title>\u{1B}[31m\u{7}</title>".utf8), "titled \"[31m"),
  ])
  func otherContentIsNamed(body: [UInt8], name: String) throws {
    let server = try HTTPServer { _ in .answer("200 OK", [], body) }
    let fetching = try Fetching()
    var source = try server.source()
    source.hash = ExpectedHash("ba72cf86")
    let error = try fetching.failure([source])
    #expect(error.code == .notCheckpoint)
    #expect(error.message.contains(name))
    #expect(!error.message.utf8.contains { $0 < 0x20 })
    #expect(fetching.files.isEmpty)
  }

  @Test func theErrorOfTheReaderIsReported() throws {
    let server = try HTTPServer { _ in
      .answer("200 OK", ["Content-Type: application/zip"], Array("PK".utf8))
    }
    let message = try Fetching().failure([server.source()]).message
    #expect(
      message.hasSuffix("(application/zip) is not a checkpoint: \(NoCheckpoint().description)"))
  }

  @Test func aWrongHashShowsBothAndLeavesNothing() throws {
    let server = try HTTPServer { .file(weights(), $0) }
    let fetching = try Fetching()
    var source = try server.source()
    source.hash = ExpectedHash("00000000")
    let error = try fetching.failure([source])
    #expect(error.code == .otherContent)
    #expect(error.message.contains(sha256(weights())) && error.message.contains("00000000…"))
    #expect(fetching.files.isEmpty)
  }

  @Test func aKnownHashIsEnough() throws {
    let server = try HTTPServer { .file(weights(), $0) }
    for digits in [sha256(weights()), String(sha256(weights()).prefix(8)).uppercased()] {
      var source = try server.source()
      source.hash = ExpectedHash(digits)
      try Fetching().fetch([source])
    }
    #expect(ExpectedHash("1234567") == nil && ExpectedHash("12345678z") == nil)
  }

  @Test func tooLargeFilesAreRefusedBeforeAndMeanwhile() throws {
    let bytes = weights(100_000)
    let announced = try HTTPServer { _ in
      .lines("HTTP/1.1 200 OK", "Content-Length: 4294967297") + [.send(bytes), .stall(20)]
    }
    #expect(try Fetching().failure([announced.source()]).code == .tooLarge)
    let unknown = try HTTPServer { _ in .chunked(bytes) }
    let lied = try HTTPServer { _ in .lines("HTTP/1.0 200 OK") + [.send(bytes)] }
    for server in [unknown, lied] {
      let fetching = try Fetching()
      fetching.limits.bytes = 99_999
      #expect(try fetching.failure([server.source()]).code == .tooLarge)
      #expect(fetching.files.isEmpty)
      fetching.limits.bytes = 100_000
      try fetching.fetch([server.source()])
    }
  }

  @Test(arguments: [
    "Content-Length: -5", "Content-Length: 99999999999999999999999", "Content-Length: 0x10",
    "Content-Length:", "Content-Length: 10\r\nContent-Length: 20", "X-Linked-Size: -1",
    "Content-Length: 5\u{0}0", "X-Null: a\u{0}b", "ETag: \"a\r\nb\"", ": nothing", "no colon",
    "ETag: \"\u{1B}[2J\"", "Content-Range: bytes 0-1/2", "Transfer-Encoding: gzip, chunked",
  ])
  func invalidHeadersDoNotCrash(line: String) throws {
    let bytes = weights(1000)
    let server = try HTTPServer { _ in
      .lines("HTTP/1.1 200 OK", line) + [.send(bytes)]
    }
    let fetching = try Fetching()
    fetching.limits.brokenConnections = 1
    let source = try server.source()
    do throws(HubError) {
      let path = try fetching.fetch([source]).path
      // An accepted file is a prefix of the content; more can't be known here.
      #expect(bytes.starts(with: (try? contents(path)) ?? [0]))
    } catch {
      #expect(!error.message.utf8.contains { $0 < 0x20 })
    }
  }

  @Test(arguments: [
    "", "\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 999 Odd\r\n\r\n",
    "HTTP/9.9 200 OK\r\n\r\nweights",
    "weights", "HTTP/1.1 200 OK\r\nContent-Length: 7", "HTTP/1.1 -1 OK\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n",
    "HTTP/1.1 206 Partial Content\r\nContent-Length: 7\r\n\r\nweights",
    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/a\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nweights",
  ])
  func invalidResponsesAreErrors(answer: String) throws {
    let server = try HTTPServer { _ in [.send(Array(answer.utf8))] }
    let fetching = try Fetching()
    fetching.limits.brokenConnections = 1
    let error = try fetching.failure([server.source()])
    #expect(!error.message.utf8.contains { $0 < 0x20 })
    #expect(fetching.files.isEmpty)
  }

  @Test func endlessHeadersAreAnError() throws {
    let line = Array("X-Filler: \(String(repeating: "x", count: 1000))\r\n".utf8)
    let server = try HTTPServer { _ in
      [.send(Array("HTTP/1.1 200 OK\r\n".utf8))] + Array(repeating: .send(line), count: 20_000)
    }
    let fetching = try Fetching()
    fetching.limits.brokenConnections = 1
    _ = try fetching.failure([server.source()])
  }

  @Test func redirectsAreFollowedTenTimes() throws {
    let bytes = weights()
    let server = try HTTPServer { request in
      let left = Int(request.path.dropFirst()) ?? 0
      // Relative, absolute, and with a space.
      if left > 1 { return .redirect(to: "/\(left - 1)") }
      return left == 1 ? .redirect(to: "a%20b?x=y z") : .file(bytes, request)
    }
    let fetching = try Fetching()
    #expect(try contents(fetching.fetch([server.source("/10")]).path) == bytes)
    #expect(server.requests.count == 11)
    let error = try fetching.failure([server.source("/11")])
    #expect(error.code == .refused && error.message.contains("10 redirects"))
  }

  @Test(arguments: [301, 302, 303, 307, 308], [0, 1, 40_000])
  func redirectsOfEveryCodeMayHaveABody(code: Int, length: Int) throws {
    let bytes = weights()
    let body = Array(repeating: UInt8(ascii: "x"), count: length)
    let server = try HTTPServer { request in
      request.path == "/file"
        ? .file(bytes, request) : .answer("\(code) Elsewhere", ["Location: /file"], body)
    }
    let fetching = try Fetching()
    #expect(try contents(fetching.fetch([server.source("/first")]).path) == bytes)
    #expect(server.requests.count == 2)
  }

  @Test func aRedirectWithoutEndIsRefused() throws {
    let body = Array(repeating: UInt8(ascii: "x"), count: 2 << 20)
    let server = try HTTPServer { _ in .answer("302 Found", ["Location: /file"], body) }
    let error = try Fetching().failure([server.source()])
    #expect(error.code == .refused && error.message.contains("more than 1 MiB"))
  }

  @Test func aLoopOfRedirectsEnds() throws {
    let server = try HTTPServer { _ in .redirect(to: "/again") }
    #expect(try Fetching().failure([server.source()]).code == .refused)
    #expect(server.requests.count == 11)
  }

  /// A redirect may not remove the encryption.
  @Test func redirectsDoNotLeadFromHTTPSToHTTP() throws {
    let secure = try WebAddress("https://host.example/a?key=1", name: "a")
    let plain = try WebAddress("http://host.example/a", name: "a")
    #expect(try secure.redirected(to: "https://other.example/b").origin == "https://other.example")
    #expect(try plain.redirected(to: "HTTPS://host.example/b").origin == "https://host.example")
    #expect(try plain.redirected(to: "http://other.example/b").origin == "http://other.example")
    let error = #expect(throws: HubError.self) {
      try secure.redirected(to: "http://host.example/b?key=1")
    }
    #expect(error?.code == .refused)
    #expect(
      error?.message.hasPrefix(
        "https://host.example/a: redirects from https to http, to http://host.example/b; ") == true)
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://host/file", "//host/file", "host/file", "", "http://",
    "https:///a",
    "http://a b/c", "http://host/ä", "http://host\\@other/", "http://:80/",
    "http://user@/",
    "http://host/a\r\nX: y", "http://ho$t/", "javascript:alert(1)", "http://[::1/\u{0}",
  ])
  func invalidAddressesAreRefused(text: String) throws {
    let error = #expect(throws: HubError.self) { try WeightsSource(url: text) }
    #expect(error?.code == .unusableRequest)
    #expect(error?.message.utf8.contains { $0 < 0x20 } == false)
  }

  @Test func addressesAreShownWithoutSecretsAndComparedByOrigin() throws {
    func address(_ text: String) throws -> WebAddress { try WebAddress(text, name: "a") }
    let secret = try address("HTTPS://me:word@Host.Example:443/a/b.pth?signature=12#c")
    #expect(secret.shown == "https://host.example/a/b.pth")
    #expect(secret.fileSuffix == ".pth")
    #expect(try secret.origin == address("https://host.example").origin)
    #expect(try secret.origin != address("http://host.example").origin)
    #expect(try secret.origin != address("https://host.example:444").origin)
    #expect(try address("https://host@other/").origin == "https://other")
    #expect(try address("http://h/a.tar.gz/x").fileSuffix.isEmpty)
    #expect(try address("http://h/a.very-strange").fileSuffix.isEmpty)
  }
}
