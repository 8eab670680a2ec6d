import DLACUDA
import Foundation
import Testing
import _DLATestSupport

struct LibrarySearchTests {
  /// Puts the simulated library under a name that no system has.
  private static func place(_ path: String, in folder: TemporaryFolder) throws {
    let target = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: URL(filePath: SimulatedGPU().driver).resolvingSymlinksInPath(), to: target)
  }

  @Test(arguments: [
    ("toolkit/lib64/libx.so.1", ["CUDA_HOME": "toolkit"]),
    ("toolkit/lib64/libx.so.1", ["CUDA_PATH": "toolkit"]),
    ("venv/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libx.so.1", ["VIRTUAL_ENV": "venv"]),
    ("conda/lib/python3.9/site-packages/nvidia/cu13/lib/libx.so.1", ["CONDA_PREFIX": "conda"]),
    ("home/.local/lib/python3.11/dist-packages/nvidia/cudnn/lib/libx.so.1", ["HOME": "home"]),
  ])
  func librariesAreFound(path: String, variables: [String: String]) throws {
    let folder = try TemporaryFolder()
    try Self.place(path, in: folder)
    let places = variables.mapValues { folder.path($0) }
    let search = LibrarySearch { places[$0] }
    #expect(search.first(of: ["libnone.so.2", "libx.so.1"])?.name == folder.path(path))
    #expect(search.first(of: ["libnone.so.2"]) == nil)
    #expect(LibrarySearch { _ in nil }.first(of: ["libx.so.1"]) == nil)
  }

  @Test func pythonOnThePathLeadsToItsPackages() throws {
    let folder = try TemporaryFolder()
    let path = "tool/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libx.so.1"
    try Self.place(path, in: folder)
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "tool/bin"), withIntermediateDirectories: true)
    try Data().write(to: folder.url.appending(path: "tool/bin/python3"))
    let variable = "/nowhere/bin:\(folder.path("tool/bin"))"
    let search = LibrarySearch { $0 == "PATH" ? variable : nil }
    #expect(search.first(of: ["libx.so.1"])?.name == folder.path(path))
  }

  /// A folder that someone else may write to could be the current one.
  @Test func relativeEntriesOfThePathAreIgnored() throws {
    let folder = try TemporaryFolder()
    try Self.place("tool/lib/python3.12/site-packages/nvidia/nvrtc/lib/libx.so.1", in: folder)
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "tool/bin"), withIntermediateDirectories: true)
    try Data().write(to: folder.url.appending(path: "tool/bin/python3"))
    let absolute = folder.path("tool/bin")
    let current = FileManager.default.currentDirectoryPath
    let depth = current.split(separator: "/").count
    let relative = String(repeating: "../", count: depth) + absolute.dropFirst()
    #expect(FileManager.default.fileExists(atPath: "\(relative)/python3"))
    #expect(LibrarySearch { $0 == "PATH" ? relative : nil }.first(of: ["libx.so.1"]) == nil)
    #expect(LibrarySearch { $0 == "PATH" ? absolute : nil }.first(of: ["libx.so.1"]) != nil)
  }

  @Test func whatIsNoLibraryIsPassedOver() throws {
    let folder = try TemporaryFolder()
    let library = folder.url.appending(path: "toolkit/lib64/libx.so.1")
    try FileManager.default.createDirectory(
      at: library.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("not a library".utf8).write(to: library)
    let home = folder.path("toolkit")
    #expect(LibrarySearch { $0 == "CUDA_HOME" ? home : nil }.first(of: ["libx.so.1"]) == nil)
  }
}
