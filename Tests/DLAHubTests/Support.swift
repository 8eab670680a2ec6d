import DLAHub
import DLASystem
import Foundation
import Testing
import _DLATestSupport

/// A download from a local server into its own folder.
// Unchecked: limits and isForced are set before other threads use the object.
final class Fetching: @unchecked Sendable {
  let folder: TemporaryFolder
  let store: WeightsStore
  var limits = FetchLimits()
  var isForced = false
  private let noted = Locked<[Fetcher.Event]>([])

  /// Local servers are reached without the system's proxies.
  private static let withoutProxies: Void = { setenv("no_proxy", "*", 1) }()

  init(folder: TemporaryFolder? = nil) throws {
    _ = Self.withoutProxies
    self.folder = try folder ?? TemporaryFolder()
    store = WeightsStore(folder: self.folder.path("weights"))
    limits.firstPause = 0.001
  }

  var events: [Fetcher.Event] { noted.withLock { $0 } }

  /// The errors after which the next source was tried.
  var failures: [String] {
    events.compactMap { if case .failed(_, let error) = $0 { error.message } else { nil } }
  }

  @discardableResult
  func fetch(
    _ sources: [WeightsSource], to file: String? = nil, model: String = "dla34"
  ) throws(HubError) -> Fetcher.Result {
    var fetcher = Fetcher(isForced: isForced, verify: requireCheckpoint) { event in
      self.noted.withLock { $0.append(event) }
    }
    fetcher.limits = limits
    return try fetcher.fetch(model, from: sources, to: file.map { .file($0) } ?? .store(store))
  }

  /// Fetches and expects an error.
  func failure(
    _ sources: [WeightsSource], to file: String? = nil, location: SourceLocation = #_sourceLocation
  ) throws -> HubError {
    let error = #expect(throws: HubError.self, sourceLocation: location) {
      try self.fetch(sources, to: file)
    }
    return try #require(error, sourceLocation: location)
  }

  var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: store.folder)) ?? []).sorted()
  }
}

struct NoCheckpoint: Error, CustomStringConvertible {
  let description = "it does not begin with \"weights\""
}

/// Accepts files that start like `weights()`.
@Sendable func requireCheckpoint(_ path: String) throws {
  let file = try MappedFile(path: path)
  guard file.bytes.starts(with: "weights".utf8) else { throw NoCheckpoint() }
}

/// Pseudo-random bytes that `requireCheckpoint` accepts.
func weights(_ count: Int = 300_000, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return Array("weights".utf8)
    + (7..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
}

func sha256(_ bytes: [UInt8]) -> String {
  var hash = SHA256()
  bytes.withUnsafeBytes { hash.append($0) }
  return hash.hexadecimal()
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

extension HTTPServer {
  /// A source whose address is on this server.
  func source(_ path: String = "/weights.pth", host: String = "127.0.0.1") throws -> WeightsSource {
    try WeightsSource(url: url(path, host: host))
  }

  /// This server as a Hugging Face hub.
  func hub(_ model: String = "dla34", token: String? = nil) throws -> WeightsSource {
    let variables = ["HF_ENDPOINT": url("/"), "HF_TOKEN": token]
    return try #require(try PublishedWeights.sources(of: model) { variables[$0] ?? nil }.first)
  }
}

/// The page of a parked domain.
let page = Array(
  ("<!DOCTYPE html>\n<html><head><title> Domain\n for sale </title></head>"
    + String(repeating: "<p>advertisement</p>", count: 250)).utf8)
