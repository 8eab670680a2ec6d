import Foundation

/// A server on this machine that answers as a test tells it, also wrongly.
///
/// Every connection has a thread, carries one request and is closed after the answer.
public final class HTTPServer: Sendable {
  /// What somebody asked for.
  public struct Request: Sendable {
    /// For instance `GET`.
    public let method: String
    /// As it was sent, with its query; a whole address if this server is asked as a proxy.
    public let path: String
    /// By names in lower case.
    public let headers: [String: String]

    /// The first byte that is asked for; nil if all are.
    public var rangeStart: Int? {
      headers["range"].flatMap { range in
        range.hasPrefix("bytes=") ? Int(range.dropFirst(6).prefix { $0 != "-" }) : nil
      }
    }
  }

  /// One thing to do with a connection.
  public enum Action: Sendable {
    /// Sends bytes as they are.
    case send([UInt8])
    /// Does nothing for some seconds, or until the other side has gone.
    case stall(Double)
    /// Closes at once, without the end that the other side may expect.
    case reset
  }

  /// What a request is answered with.
  public typealias Script = @Sendable (Request) -> [Action]

  /// Where the server listens on 127.0.0.1.
  public let port: Int
  private let listener: Int32
  private let script: Script
  private let seen = Seen()

  private final class Seen: @unchecked Sendable {
    let lock = NSLock()
    var requests: [Request] = []
  }

  /// Starts to listen on a free port.
  ///
  /// - Parameter script: what each request is answered with; called on many threads.
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

  /// Stops to listen; otherwise a server lives as long as the tests.
  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The address of a path on this server.
  public func url(_ path: String, host: String = "127.0.0.1") -> String {
    "http://\(host):\(port)\(path)"
  }

  /// Everything that was asked for, in order.
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
        setsockopt(
          connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        return
      }
    }
    shutdown(connection, Int32(SHUT_WR))
    // Closing while something is unread would take back what was sent.
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
    // A peer that goes away is no reason to end the tests.
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
