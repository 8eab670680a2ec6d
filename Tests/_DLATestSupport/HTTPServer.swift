import Foundation

/// A local HTTP server with scripted responses, also invalid ones.
///
/// Every connection has a thread, carries one request and is closed after the response.
public final class HTTPServer: Sendable {
  /// The first lines of a request.
  public struct Request: Sendable {
    /// For instance `GET`.
    public let method: String
    /// As sent, with its query; a whole URL if this server is used as a proxy.
    public let path: String
    /// Values by lowercase name.
    public let headers: [String: String]

    /// The first requested byte; nil for the whole file.
    public var rangeStart: Int? {
      headers["range"].flatMap { range in
        range.hasPrefix("bytes=") ? Int(range.dropFirst(6).prefix { $0 != "-" }) : nil
      }
    }
  }

  /// One step of a response.
  public enum Action: Sendable {
    /// Sends bytes as they are.
    case send([UInt8])
    /// Waits for some seconds, or until the client closes the connection.
    case stall(Double)
    /// Resets the connection.
    case reset
  }

  /// The response to a request.
  public typealias Script = @Sendable (Request) -> [Action]

  /// The port on 127.0.0.1.
  public let port: Int
  private let listener: Int32
  private let script: Script
  private let seen = Seen()

  private final class Seen: @unchecked Sendable {
    let lock = NSLock()
    var requests: [Request] = []
  }

  /// Starts a server on a free port.
  ///
  /// - Parameter script: the response to each request; called on many threads.
  /// - Throws: `POSIXError` if no port is free.
  public init(_ script: @escaping Script) throws {
    self.script = script
    #if canImport(Darwin)
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (socket, size) = (listener, length)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 64) == 0
          && getsockname(socket, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    port = Int(UInt16(bigEndian: address.sin_port))
    let (script, seen) = (script, seen)
    Thread.detachNewThread {
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        #if canImport(Darwin)
          var yes: Int32 = 1
          let size = socklen_t(MemoryLayout<Int32>.size)
          setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &yes, size)
        #endif
        Thread.detachNewThread { Self.serve(connection, script, seen) }
      }
    }
  }

  /// Stops listening; otherwise a server lives as long as the tests.
  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The URL of a path on this server.
  public func url(_ path: String, host: String = "127.0.0.1") -> String {
    "http://\(host):\(port)\(path)"
  }

  /// All requests, in order.
  public var requests: [Request] { seen.lock.withLock { seen.requests } }

  private static func serve(_ connection: Int32, _ script: Script, _ seen: Seen) {
    defer { close(connection) }
    guard let request = read(connection) else { return }
    seen.lock.withLock { seen.requests.append(request) }
    for action in script(request) {
      switch action {
      case .send(let bytes): guard write(bytes, to: connection) else { return }
      case .stall(let seconds):
        var watched = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        poll(&watched, 1, Int32(seconds * 1000))
      case .reset:
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        return
      }
    }
    shutdown(connection, Int32(SHUT_WR))
    // Closing with unread data would reset the connection.
    var rest = [UInt8](repeating: 0, count: 4096)
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }

  private static func read(_ connection: Int32) -> Request? {
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while !text.ends(with: "\r\n\r\n".utf8) {
      guard text.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 else { return nil }
      text.append(byte)
    }
    let lines = String(decoding: text, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (
        line[..<colon].lowercased(),
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      )
    }
    return Request(
      method: String(words[0]), path: String(words[1]),
      headers: Dictionary(pairs) { first, _ in first })
  }

  private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    // A closed connection must not raise SIGPIPE.
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, flags) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

extension [UInt8] {
  fileprivate func ends(with end: String.UTF8View) -> Bool { suffix(end.count).elementsEqual(end) }
}

extension [HTTPServer.Action] {
  /// A response head, exactly as given.
  public static func lines(_ lines: String...) -> Self {
    let text = (lines + ["Connection: close"]).joined(separator: "\r\n")
    return [.send([UInt8]("\(text)\r\n\r\n".utf8))]
  }

  /// A response with its correct length.
  public static func answer(
    _ status: String, _ headers: [String] = [], _ body: [UInt8] = []
  ) -> Self {
    let all = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
    let head = (all + ["Connection: close", "", ""]).joined(separator: "\r\n")
    return [.send([UInt8](head.utf8))] + (body.isEmpty ? [] : [.send(body)])
  }

  /// A redirect.
  public static func redirect(to address: String, _ headers: [String] = []) -> Self {
    answer("302 Found", ["Location: \(address)"] + headers)
  }

  /// A file, or the requested range of it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - request: the request, which may name a range.
  ///   - tag: its ETag; nil if the server has none.
  ///   - end: the offset in the file at which the connection breaks; nil for its end.
  /// - Returns: the response.
  public static func file(
    _ bytes: [UInt8], _ request: HTTPServer.Request, tag: String? = "\"one\"", until end: Int? = nil
  ) -> Self {
    var headers = tag.map { ["ETag: \($0)"] } ?? []
    let condition = request.headers["if-range"]
    guard let start = request.rangeStart, condition == nil || condition == tag else {
      return whole("200 OK", headers, bytes[...], until: end)
    }
    guard start < bytes.count else {
      return answer("416 Range Not Satisfiable", ["Content-Range: bytes */\(bytes.count)"])
    }
    headers.append("Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)")
    return whole("206 Partial Content", headers, bytes[start...], until: end)
  }

  private static func whole(
    _ status: String, _ headers: [String], _ bytes: ArraySlice<UInt8>, until end: Int?
  ) -> Self {
    let all = ["HTTP/1.1 \(status)", "Content-Length: \(bytes.count)"] + headers
    let head = (all + ["Connection: close", "", ""]).joined(separator: "\r\n")
    let sent = end.map { bytes.prefix(Swift.max(0, $0 - bytes.startIndex)) } ?? bytes
    return [.send([UInt8](head.utf8)), .send([UInt8](sent))]
  }

  /// A chunked body, without a length.
  public static func chunked(_ bytes: [UInt8], headers: [String] = [], isEnded: Bool = true) -> Self
  {
    let all = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"] + headers
    let size = String(bytes.count, radix: 16)
    let head = (all + ["Connection: close", "", "\(size)\r\n"]).joined(separator: "\r\n")
    return [
      .send([UInt8](head.utf8)), .send(bytes),
      .send([UInt8]((isEnded ? "\r\n0\r\n\r\n" : "\r\n").utf8)),
    ]
  }
}
