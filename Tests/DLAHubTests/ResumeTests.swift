import DLAHub
import DLASystem
import Foundation
import Testing
import _DLATestSupport

/// Interrupted connections, and downloads that later attempts resume.
struct ResumeTests {
  @Test func aBrokenConnectionGoesOnWhereItBrokeOff() throws {
    let bytes = weights()
    let server = try HTTPServer { request in
      let start = request.rangeStart ?? 0
      return .file(bytes, request, until: start + 100_000)
    }
    let fetching = try Fetching()
    let path = try fetching.fetch([server.source()]).path
    #expect(try contents(path) == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, 200_000])
    #expect(server.requests.dropFirst().allSatisfy { $0.headers["if-range"] == "\"one\"" })
  }

  /// A first fetch ends after some bytes; the second finds `server` as it is then.
  private func resume(
    _ answer: @escaping HTTPServer.Script, bytes: [UInt8] = weights(), tag: String? = "\"one\"",
    hash: String? = nil, between: (Fetching) throws -> Void = { _ in }
  ) throws -> (bytes: [UInt8], requests: [HTTPServer.Request]) {
    let isBroken = Shared(false)
    let server = try HTTPServer { request in
      isBroken.value ? answer(request) : .file(bytes, request, tag: tag, until: 50_000)
    }
    let fetching = try Fetching()
    fetching.limits.brokenConnections = 0
    fetching.limits.attempts = 1
    var source = try server.source()
    source.hash = hash.flatMap { ExpectedHash($0) }
    #expect(try fetching.failure([source]).code == .connection)
    #expect(fetching.files.count == 2)
    #expect(fetching.store.file(for: "dla34") == nil)
    try between(fetching)
    isBroken.value = true
    fetching.limits = FetchLimits()
    fetching.limits.firstPause = 0.001
    let path = try fetching.fetch([source]).path
    #expect(fetching.files.count == 1)
    return (try contents(path), Array(server.requests.dropFirst()))
  }

  @Test func aLaterFetchGoesOn() throws {
    let bytes = weights()
    let (arrived, requests) = try resume { .file(bytes, $0) }
    #expect(arrived == bytes)
    #expect(requests.map(\.rangeStart) == [50_000])
  }

  @Test func aChangedFileStartsAnew() throws {
    let new = weights(200_000, seed: 9)
    let (arrived, requests) = try resume { .file(new, $0, tag: "\"two\"") }
    #expect(arrived == new)
    #expect(requests.count == 1 && requests[0].rangeStart == 50_000)
  }

  /// A server that ignores `If-Range` but tells another tag.
  @Test func aPartOfAChangedFileStartsAnew() throws {
    let new = weights(300_000, seed: 9)
    let (arrived, requests) = try resume { request in
      guard let start = request.rangeStart else { return .file(new, request, tag: "\"two\"") }
      return .answer(
        "206 Partial Content",
        ["ETag: \"two\"", "Content-Range: bytes \(start)-299999/300000"], Array(new[start...]))
    }
    #expect(arrived == new)
    #expect(requests.map(\.rangeStart) == [50_000, nil])
  }

  @Test(arguments: [
    "bytes 49999-299999/300000", "bytes 50000-299999/300001", "bytes x-/", "bytes -1-2/3", "",
    "bytes 50000-299999/99999999999999999999",
  ])
  func aWrongPartStartsAnew(range: String) throws {
    let bytes = weights()
    let (arrived, requests) = try resume { request in
      guard let start = request.rangeStart else { return .file(bytes, request) }
      return .answer("206 Partial Content", ["Content-Range: \(range)"], Array(bytes[start...]))
    }
    #expect(arrived == bytes)
    #expect(requests.map(\.rangeStart) == [50_000, nil])
  }

  @Test func a416StartsAnew() throws {
    let bytes = weights()
    let (arrived, requests) = try resume { request in
      request.rangeStart == nil
        ? .file(bytes, request) : .answer("416 Range Not Satisfiable", ["Content-Range: bytes */7"])
    }
    #expect(arrived == bytes)
    #expect(requests.map(\.rangeStart) == [50_000, nil])
  }

  @Test func withoutATagOrHashNothingIsResumed() throws {
    let bytes = weights()
    let plain = try resume({ .file(bytes, $0, tag: nil) }, tag: nil)
    #expect(plain.requests.map(\.rangeStart) == [nil])
    let weak = try resume({ .file(bytes, $0, tag: "W/\"one\"") }, tag: "W/\"one\"")
    #expect(weak.requests.map(\.rangeStart) == [nil])
    let known = try resume({ .file(bytes, $0, tag: nil) }, tag: nil, hash: sha256(bytes))
    #expect(known.requests.map(\.rangeStart) == [50_000])
    #expect(known.requests[0].headers["if-range"] == nil)
  }

  @Test(arguments: ["", "dla part 1\n", "dla part 1\naddress 12\nsize -5\n", "\u{0}\u{0}\n", "x"])
  func strangeNotesStartAnew(text: String) throws {
    let bytes = weights()
    let (arrived, requests) = try resume(
      { .file(bytes, $0) },
      between: { fetching in
        let name = try #require(fetching.files.first { $0.hasSuffix(".info") })
        try Data(text.utf8).write(to: URL(filePath: "\(fetching.store.folder)/\(name)"))
      })
    #expect(arrived == bytes)
    #expect(requests.map(\.rangeStart) == [nil])
  }

  @Test func aPartThatIsTooLongStartsAnew() throws {
    let bytes = weights()
    let (arrived, requests) = try resume(
      { .file(bytes, $0) },
      between: { fetching in
        let name = try #require(fetching.files.first { $0.hasSuffix(".part") })
        try Data(count: 300_001).write(to: URL(filePath: "\(fetching.store.folder)/\(name)"))
      })
    #expect(arrived == bytes)
    #expect(requests.map(\.rangeStart) == [nil])
  }

  @Test func aPartThatIsWholeNeedsNoServer() throws {
    let bytes = weights()
    func fill(_ fetching: Fetching, _ content: [UInt8]) throws {
      let name = try #require(fetching.files.first { $0.hasSuffix(".part") })
      try Data(content).write(to: URL(filePath: "\(fetching.store.folder)/\(name)"))
    }
    let (arrived, requests) = try resume(
      { _ in .answer("500 Never") }, hash: sha256(bytes), between: { try fill($0, bytes) })
    #expect(arrived == bytes && requests.isEmpty)
    let wrong = try resume(
      { .file(bytes, $0) }, hash: sha256(bytes), between: { try fill($0, weights(seed: 3)) })
    #expect(wrong.bytes == bytes && wrong.requests.map(\.rangeStart) == [nil])
  }

  @Test func aConnectionThatNeverBringsAnythingNewEnds() throws {
    let server = try HTTPServer { request in .file(weights(), request, until: 1000) }
    let fetching = try Fetching()
    let error = try fetching.failure([server.source()])
    #expect(error.code == .connection)
    #expect(error.message.contains("after 1000 of 300000 bytes"))
    #expect(server.requests.count == 1 + 5)
  }

  @Test func aServerThatAlwaysSendsAFewBytesEnds() throws {
    let server = try HTTPServer { request in
      .file(weights(), request, until: (request.rangeStart ?? 0) + 1)
    }
    let fetching = try Fetching()
    fetching.limits.attempts = 40
    fetching.limits.firstPause = 0
    #expect(try fetching.failure([server.source()]).code == .connection)
    #expect(server.requests.count == 1 + 5)
    // Where a byte counts as progress, only all attempts together end it.
    fetching.limits.progressBytes = 1
    #expect(try fetching.failure([server.source()]).code == .connection)
    #expect(server.requests.count == 6 + 40)
  }

  @Test func aConnectionThatFallsSilentIsGivenUpAndGoneOnWith() throws {
    let server = try HTTPServer { request in
      request.rangeStart == nil
        ? .file(weights(), request, until: 1000) + [.stall(60)] : .file(weights(), request)
    }
    let fetching = try Fetching()
    fetching.limits.silence = 1
    #expect(try contents(fetching.fetch([server.source()]).path) == weights())
    #expect(server.requests.map(\.rangeStart) == [nil, 1000])
  }

  @Test func noAnswerIsAskedForAgain() throws {
    let count = Counter()
    let server = try HTTPServer { request in
      count.next() < 2 ? [.reset] : .file(weights(), request)
    }
    try Fetching().fetch([server.source()])
    #expect(server.requests.count == 3)
  }

  @Test(arguments: ["500 Oops", "503 Busy", "429 Too Many Requests"])
  func busyServersAreAskedAgain(status: String) throws {
    let count = Counter()
    let server = try HTTPServer { request in
      count.next() < 3 ? .answer(status, ["Retry-After: 0"]) : .file(weights(), request)
    }
    try Fetching().fetch([server.source()])
    #expect(server.requests.count == 4)
    let always = try HTTPServer { _ in .answer(status, ["Retry-After: 99999999999999999999"]) }
    #expect(try Fetching().failure([always.source()]).message.contains("HTTP \(status.prefix(3))"))
    #expect(always.requests.count == 4)
  }

  /// The seconds are those of Python's `calendar.timegm`.
  @Test(
    arguments: [
      ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
      ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
      ("Thu, 31 Dec 2099 12:00:00 GMT", 4_102_401_600), ("Wed, 21 Oct 2015 07:28:00 CET", nil),
      ("Wed, 21 October 2015 07:28:00 GMT", nil), ("Wed, 21 Oct 2015 24:28:00 GMT", nil),
      ("Wed, 00 Oct 2015 07:28:00 GMT", nil), ("soon", nil), ("", nil),
    ] as [(String, Int?)])
  func datesOfHeadersAreRead(text: String, seconds: Int?) {
    #expect(HTTPDate.seconds(text) == seconds)
  }

  @Test(arguments: ["3600", "Fri, 31 Dec 9999 23:59:59 GMT"])
  func waitingAsLongAsAServerAsksIsBounded(time: String) throws {
    let count = Counter()
    let server = try HTTPServer { request in
      count.next() < 1 ? .answer("503 Busy", ["Retry-After: \(time)"]) : .file(weights(), request)
    }
    let fetching = try Fetching()
    fetching.limits.longestPause = 0.3
    let start = ContinuousClock.now
    try fetching.fetch([server.source()])
    #expect(ContinuousClock.now - start >= .milliseconds(300))
  }
}

/// A value shared by threads.
final class Shared<Value: Sendable>: Sendable {
  private let locked: Locked<Value>

  init(_ value: Value) { locked = Locked(value) }

  var value: Value {
    get { locked.withLock { $0 } }
    set { locked.withLock { $0 = newValue } }
  }
}

/// A counter that starts at 0, shared by threads.
final class Counter: Sendable {
  private let count = Locked(0)

  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0 - 1
    }
  }
}
