import Foundation

extension [HTTPServer.Action] {
  /// The first lines of an answer, exactly as given.
  public static func lines(_ lines: String...) -> Self {
    let text = (lines + ["Connection: close"]).joined(separator: "\r\n")
    return [.send([UInt8]("\(text)\r\n\r\n".utf8))]
  }

  /// An answer with a true length.
  public static func answer(
    _ status: String, _ headers: [String] = [], _ body: [UInt8] = []
  ) -> Self {
    let all = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
    let head = (all + ["Connection: close", "", ""]).joined(separator: "\r\n")
    return [.send([UInt8](head.utf8))] + (body.isEmpty ? [] : [.send(body)])
  }

  /// Another address.
  public static func redirect(to address: String, _ headers: [String] = []) -> Self {
    answer("302 Found", ["Location: \(address)"] + headers)
  }

  /// A file or the part of it that is asked for, as servers do it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - request: who asks.
  ///   - tag: its ETag; nil if the server has none.
  ///   - end: where the connection breaks off, counted in the file; nil for its end.
  /// - Returns: the answer.
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

  /// A body in chunks, which announces no length.
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
