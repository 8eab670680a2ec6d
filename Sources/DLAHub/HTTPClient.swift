import CDLACurl
import DLASystem
import DLAText

protocol HTTPReceiver: AnyObject {
  /// Receives some bytes of a body, valid during the call; none only if the body is empty.
  ///
  /// - Returns: whether to continue the transfer.
  /// - Throws: an error that ends the transfer.
  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) throws(HubError) -> Bool
  /// Called about once a second and whenever data arrives.
  func tick()
}

/// A connection that failed or was closed early.
struct BrokenConnection: Error {
  let code: Int32
  let reason: String
}

/// Sequential HTTP requests through libcurl with connection reuse.
///
/// Redirects are returned, not followed: the caller chooses the headers for the next host.
/// Proxies are those of libcurl's environment variables: `https_proxy`, `no_proxy` and so on.
final class HTTPClient {
  private var curl: dla_curl
  private let handle: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var response = HTTPResponse()
  private var receiver: (any HTTPReceiver)?
  private var failure: HubError?
  private var hasBody = false
  private var isEnough = false

  /// Closes a connection after some seconds without data.
  ///
  /// - Throws: `HubError` if there is no libcurl or no memory.
  init(silence: Int) throws(HubError) {
    curl = try CurlLibrary.shared.get().functions
    guard let handle = dla_curl_easy_init(&curl) else {
      throw HubError(.noLibrary, "libcurl could not be initialized")
    }
    self.handle = handle
    errorText = .allocate(capacity: DLA_CURL_ERROR_SIZE)
    errorText.initialize(repeating: 0, count: DLA_CURL_ERROR_SIZE)
    configure(silence: silence)
  }

  deinit {
    dla_curl_cleanup(&curl, handle)
    errorText.deallocate()
  }

  /// Sends a GET request.
  ///
  /// - Returns: status and headers, and the target of a redirect.
  /// - Throws: errors of the receiver, and `BrokenConnection`.
  func get(
    _ address: WebAddress, headers: [String], to receiver: any HTTPReceiver
  ) throws -> (response: HTTPResponse, redirect: String?) {
    var list: UnsafeMutableRawPointer?
    for line in headers { list = dla_curl_append(&curl, list, line) ?? list }
    defer { dla_curl_free_list(&curl, list) }
    (response, failure, hasBody, isEnough) = (HTTPResponse(), nil, false, false)
    self.receiver = receiver
    defer { self.receiver = nil }
    errorText[0] = 0
    set(DLA_CURLOPT_URL, address.text)
    dla_curl_set_pointer(&curl, handle, Int32(DLA_CURLOPT_HTTPHEADER), list)
    let code = dla_curl_perform(&curl, handle)
    dla_curl_set_pointer(&curl, handle, Int32(DLA_CURLOPT_HTTPHEADER), nil)
    if let failure { throw failure }
    guard code == 0 || isEnough else {
      let words =
        errorText[0] != 0
        ? String(cString: errorText) : String(cString: dla_curl_error_text(&curl, code))
      throw BrokenConnection(code: code, reason: printable(words, limit: 200))
    }
    if !hasBody {
      _ = try receiver.receive(UnsafeRawBufferPointer(start: nil, count: 0), of: response)
    }
    let redirect = dla_curl_text(&curl, handle, Int32(DLA_CURLINFO_REDIRECT_URL))
    return (response, redirect.map { String(cString: $0) })
  }

  private func configure(silence: Int) {
    set(DLA_CURLOPT_NOSIGNAL, 1)
    set(DLA_CURLOPT_FOLLOWLOCATION, 0)
    set(DLA_CURLOPT_PROTOCOLS, DLA_CURLPROTO_HTTP_AND_HTTPS)
    set(DLA_CURLOPT_CONNECTTIMEOUT, 30)
    // Closes silent connections.
    set(DLA_CURLOPT_LOW_SPEED_LIMIT, 1)
    set(DLA_CURLOPT_LOW_SPEED_TIME, silence)
    set(DLA_CURLOPT_TCP_KEEPALIVE, 1)
    set(DLA_CURLOPT_HTTP09_ALLOWED, 0)
    // Without compression: size and hash are those of the plain file.
    set(DLA_CURLOPT_ACCEPT_ENCODING, "identity")
    set(DLA_CURLOPT_HTTP_CONTENT_DECODING, 0)
    // Headers for the server are not sent to a proxy, and headers of a proxy are not the server's.
    set(DLA_CURLOPT_HEADEROPT, 1)
    set(DLA_CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(DLA_CURLOPT_USERAGENT, "dla/\(packageVersion)")
    set(DLA_CURLOPT_NOPROGRESS, 0)
    // Unretained: the handle is freed in deinit, so no callback runs after it.
    let context = Unmanaged.passUnretained(self).toOpaque()
    for option in [DLA_CURLOPT_WRITEDATA, DLA_CURLOPT_HEADERDATA, DLA_CURLOPT_XFERINFODATA] {
      dla_curl_set_pointer(&curl, handle, Int32(option), context)
    }
    dla_curl_set_pointer(&curl, handle, Int32(DLA_CURLOPT_ERRORBUFFER), errorText)
    dla_curl_set_receiver(&curl, handle, Int32(DLA_CURLOPT_HEADERFUNCTION)) {
      HTTPClient.of($3)?.take(line: UnsafeRawBufferPointer(start: $0, count: $1 * $2)) ?? 0
    }
    dla_curl_set_receiver(&curl, handle, Int32(DLA_CURLOPT_WRITEFUNCTION)) {
      HTTPClient.of($3)?.take(body: UnsafeRawBufferPointer(start: $0, count: $1 * $2)) ?? 0
    }
    dla_curl_set_ticker(&curl, handle, Int32(DLA_CURLOPT_XFERINFOFUNCTION)) {
      context, _, _, _, _ in
      HTTPClient.of(context)?.receiver?.tick()
      return 0
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPClient? {
    context.map { Unmanaged<HTTPClient>.fromOpaque($0).takeUnretainedValue() }
  }

  private func take(line: UnsafeRawBufferPointer) -> Int {
    response.append(line)
    return line.count
  }

  /// A result other than `bytes.count` makes libcurl end the transfer.
  private func take(body bytes: UnsafeRawBufferPointer) -> Int {
    guard !bytes.isEmpty, let receiver else { return bytes.count }
    hasBody = true
    do throws(HubError) {
      isEnough = try !receiver.receive(bytes, of: response)
    } catch {
      failure = error
    }
    return isEnough || failure != nil ? 0 : bytes.count
  }

  private func set(_ option: Int, _ value: Int) {
    dla_curl_set_number(&curl, handle, Int32(option), value)
  }

  private func set(_ option: Int, _ value: String) {
    dla_curl_set_pointer(&curl, handle, Int32(option), value)
  }
}
